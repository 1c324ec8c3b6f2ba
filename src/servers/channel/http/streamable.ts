import { setTimeout as delay } from "node:timers/promises";

import { bodyOf, framesIn } from "./bodies.js";
import { exchange, isEventStream, mediaTypeOf, textOf, type Answer } from "./net/exchange.js";
import { errorFrameIn, ErrorStatus, isSessionGone, NoAnswer } from "./failure.js";
import { readMessages, type Cursor } from "./messages.js";
import { NotConnected } from "./net/network.js";
import type { Post } from "./post.js";
import { StandingStream } from "./standing-stream.js";
import type { HttpLink, HttpTransport } from "./transport.js";

/** MCP's Streamable HTTP, revisions 2025-03-26 to 2025-11-25: one POST for each frame, and a standing stream. */
export class Streamable implements HttpTransport {
  readonly #link: HttpLink;
  readonly #standing: StandingStream;
  /** Accepted requests whose answer can only come on the standing stream. */
  readonly #elsewhere = new Set<Post>();
  #sessionId: string | undefined;
  #protocolVersion: string | undefined;

  constructor(link: HttpLink) {
    this.#link = link;
    this.#standing = new StandingStream(link, {
      headers: () => this.#headers(),
      onUnsupported: () => {
        for (const post of this.#elsewhere) link.fail(post, new NoAnswer(NOTHING_FOLLOWS));
      },
    });
  }

  get hasSession(): boolean {
    return this.#sessionId !== undefined;
  }

  agree(protocolVersion: string): void {
    this.#protocolVersion = protocolVersion;
  }

  listen(): void {
    this.#standing.start();
  }

  async post(post: Post): Promise<void> {
    const answer = await this.#send(post);
    const { status, headers, body } = answer;
    if (status < 200 || status > 299) return this.#onRefused(post, { ...answer, text: await textOf(body) });
    const sessionId = headers["mcp-session-id"];
    if (typeof sessionId === "string") this.#sessionId = sessionId;
    if (isEventStream(answer)) return this.#readStream(post, answer);
    if (!post.isRequest) return void body.resume();
    const json = await bodyOf(body, this.#link.reading.start());
    const type = mediaTypeOf(headers);
    if (json.length === 0) return this.#waitElsewhere(post, status);
    if (type !== "application/json" && !type.endsWith("+json")) {
      throw new NoAnswer(`answered with ${type === "" ? "no content type" : `"${type}"`}, which is no MCP`);
    }
    for (const frame of framesIn(json)) this.#link.deliver(frame, post);
    if (this.#link.isOpen(post)) throw unanswered(post);
  }

  async end(graceMs: number): Promise<void> {
    if (this.#sessionId === undefined) return;
    const { network, endpoint } = this.#link;
    const signal = AbortSignal.timeout(Math.ceil(graceMs));
    try {
      const answer = await exchange(network, endpoint, { method: "DELETE", headers: this.#headers(), signal });
      answer.body.resume();
    } catch {
      // The server lets the session expire.
    }
  }

  #headers(): Record<string, string> {
    return {
      ...(this.#sessionId === undefined ? {} : { "mcp-session-id": this.#sessionId }),
      ...(this.#protocolVersion === undefined ? {} : { "mcp-protocol-version": this.#protocolVersion }),
    };
  }

  /** Sends the frame. While there is no connection nothing has been sent, so that is tried more than once. */
  async #send(post: Post): Promise<Answer> {
    const { network, endpoint } = this.#link;
    const question = {
      method: "POST" as const,
      headers: {
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
        ...this.#headers(),
      },
      body: () => post.frame,
      signal: post.signal,
      onLeaving: () => this.#link.onLeaving(post),
      onSent: () => this.#link.onSent(post),
    };
    for (const waitMs of post.method === "initialize" ? [] : RECONNECT_MS) {
      try {
        return await exchange(network, endpoint, question);
      } catch (error) {
        if (!(error instanceof NotConnected) || !error.mayPass || post.signal.aborted) throw error;
      }
      await delay(waitMs, undefined, { signal: post.signal });
    }
    return exchange(network, endpoint, question);
  }

  /** A refusal that is a JSON-RPC error is an answer, unless it is the session that is refused. */
  #onRefused(post: Post, { text, ...answer }: Answer & { text: string }): void {
    const refused = new ErrorStatus({ ...answer, text });
    const isGone = this.hasSession && isSessionGone(refused.response);
    const frame = errorFrameIn(text, post.method === "initialize" ? post.id : undefined);
    if (!post.isRequest || isGone || NOT_FROM_MCP.has(answer.status) || frame === undefined) throw refused;
    this.#link.deliver(frame, post);
    if (this.#link.isOpen(post)) throw refused;
  }

  /** Reads the response until the request is answered, and asks for the rest when the server ended it before that. */
  async #readStream(post: Post, first: Answer): Promise<void> {
    let lingering: NodeJS.Timeout | undefined;
    // Usually the server ends it with the answer.
    void post.settled.then(() => (lingering = setTimeout(() => post.drop(), LINGER_MS).unref()));
    const cursor: Cursor = { lastId: undefined, retryMs: undefined };
    let body = first.body;
    try {
      for (;;) {
        let broken: Error | undefined;
        try {
          await readMessages(this.#link, body, cursor, post);
        } catch (error) {
          broken = error as Error;
        }
        if (!this.#link.isOpen(post)) return;
        if (cursor.lastId === undefined) throw broken ?? unanswered(post);
        body = (await this.#resume(post, cursor)).body;
      }
    } finally {
      clearTimeout(lingering);
      if (post.signal.aborted) body.destroy();
    }
  }

  /** Goes on with a stream behind its last event. Servers may end one at any time and be polled instead. */
  async #resume(post: Post, { lastId, retryMs: asked = FIRST_RETRY_MS }: Cursor): Promise<Answer> {
    const retryMs = Math.max(asked, MIN_RETRY_MS);
    const { network, endpoint } = this.#link;
    const headers = { accept: "text/event-stream", ...this.#headers(), "last-event-id": lastId ?? "" };
    const since = performance.now();
    for (let waitMs = retryMs; ; waitMs = Math.max(retryMs, Math.min(waitMs * 2, MAX_RETRY_MS))) {
      await delay(Math.min(waitMs, MAX_TIMER_MS), undefined, { signal: post.signal, ref: false });
      let problem: Error;
      try {
        const answer = await exchange(network, endpoint, { method: "GET", headers, signal: post.signal });
        if (answer.status === 200 && isEventStream(answer)) return answer;
        problem = new ErrorStatus({ ...answer, text: await textOf(answer.body) });
        if (answer.status < 500 && answer.status !== 429) throw new NoAnswer(cannotResume(problem.message));
      } catch (error) {
        if (error instanceof NoAnswer || post.signal.aborted) throw error;
        problem = error as Error;
      }
      if (performance.now() - since > RESUME_MS) throw new NoAnswer(cannotResume(problem.message));
    }
  }

  #waitElsewhere(post: Post, status: number): void {
    if (!this.#link.isOpen(post)) return;
    if (status === 200 || this.#standing.isUnsupported) throw new NoAnswer(`${NOTHING_FOLLOWS} (HTTP ${status})`);
    this.#elsewhere.add(post);
    void post.settled.then(() => this.#elsewhere.delete(post));
  }
}

function unanswered({ problem }: Post): NoAnswer {
  if (problem === undefined) return new NoAnswer("ended its response before the answer");
  return new NoAnswer(`sent an answer that cannot be read: ${problem.replace(/\.$/, "")}`);
}

function cannotResume(why: string): string {
  return `ended its response before the answer, and it could not be resumed (${why})`;
}

const NOTHING_FOLLOWS = "accepted the request, but sent no answer and has no stream on which one could follow";

/** What is said with these has its own words. */
const NOT_FROM_MCP = new Set([401, 403]);

const RECONNECT_MS = [200, 600, 1_500];

/** How long to wait before a stream is resumed when the server did not say, ms; as in the SDK. */
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 10_000;
/** Servers that ask for no wait at all would be asked without a pause. */
const MIN_RETRY_MS = 20;

/** How long a server that cannot be reached may stay away before the request in question counts as lost, ms. */
const RESUME_MS = 60_000;

/** How long a response may go on behind its answer, ms. */
const LINGER_MS = 5_000;

const MAX_TIMER_MS = 2 ** 31 - 1;
