import { setTimeout as delay } from "node:timers/promises";

import { readEnvelope, type ResponseEnvelope } from "../../../wire/envelope.js";
import { FrameError } from "../../../wire/frames.js";
import { wireTrace, type WireTrace } from "../../../wire/trace.js";
import type { Channel, ChannelEnd, ChannelHandlers, SentFrame } from "../channel.js";
import { Endpoint } from "./net/endpoint.js";
import { describeError, errorFrameIn, ErrorStatus, isSessionGone } from "./failure.js";
import { withId } from "./bodies.js";
import { LegacySse } from "./legacy-sse.js";
import { Network, NotConnected } from "./net/network.js";
import { OpenPosts } from "./open-posts.js";
import { Outgoing } from "./outgoing.js";
import { Post } from "./post.js";
import type { Environment } from "./net/proxy.js";
import { Reading } from "./reading.js";
import { Streamable } from "./streamable.js";
import type { HttpLink, HttpTransport } from "./transport.js";

export interface HttpChannelOptions {
  /** Names it in the wire trace. */
  name: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  /** "sse": the older transport. "http" begins with Streamable HTTP, and tries the older one if that is refused. */
  transport: "http" | "sse";
  /** The login environment: proxies and certificate authorities. */
  env: Environment;
  redact: (text: string) => string;
}

/** Connects to a remote server. Over Streamable HTTP nothing is sent before the first frame. */
export async function openHttpChannel(options: HttpChannelOptions, handlers: ChannelHandlers): Promise<Channel> {
  const channel = new HttpChannel(options, handlers);
  if (options.transport === "sse") await channel.openLegacy();
  return channel;
}

/**
 * Frames to and from a remote server. Every frame has one fate: it was not sent, it was answered, or it is unknown what
 * became of it. The bytes of frames stay as they are, both ways.
 */
class HttpChannel implements Channel {
  readonly pid = null;
  readonly #options: HttpChannelOptions;
  readonly #handlers: ChannelHandlers;
  readonly #network: Network;
  readonly #endpoint: Endpoint;
  readonly #outgoing = new Outgoing();
  readonly #reading = new Reading();
  readonly #trace: WireTrace | undefined;
  readonly #abort = new AbortController();
  readonly #link: HttpLink;
  readonly #since = performance.now();
  /**
   * Resolves when the server has taken `notifications/initialized`, or has taken too long. Each post may have a connection of
   * its own, and a request that is sent meanwhile could be read first.
   */
  #introduced: Promise<void> | undefined;
  readonly #open = new OpenPosts();
  #transport: HttpTransport;
  /** ending: no frame is accepted any more, and those under way may still be answered. */
  #state: "open" | "ending" | "over" = "open";
  #stopped: Promise<void> | undefined;

  constructor(options: HttpChannelOptions, handlers: ChannelHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#trace = wireTrace(options.name);
    this.#network = new Network(options.env, (problem) => this.#log(problem));
    this.#endpoint = new Endpoint(options.url, options.headers);
    this.#link = {
      network: this.#network,
      endpoint: this.#endpoint,
      signal: this.#abort.signal,
      reading: this.#reading,
      deliver: (message, post) => this.#deliver(message, post),
      isOpen: (post) => this.#open.has(post),
      onLeaving: (post) => {
        if (post.fate === "taken") post.fate = "left";
      },
      onSent: (post) => post.onSent(),
      fail: (post, error) => this.#fail(post, error),
      log: (line) => this.#log(line),
      onGone: (error) => this.#onGone(error),
      onEnded: (error) => this.#finish(error, true),
    };
    this.#transport = new Streamable(this.#link);
  }

  async openLegacy(): Promise<void> {
    try {
      this.#transport = await LegacySse.open(this.#link);
    } catch (error) {
      this.#close();
      throw new Error(this.#options.redact(describeError(error, this.#endpoint.origin).reason), { cause: error });
    }
  }

  send(frame: string | Buffer): SentFrame {
    if (this.#state !== "open") return NOT_SENT;
    this.#trace?.("→", frame);
    const post = new Post(typeof frame === "string" ? Buffer.from(frame) : frame);
    this.#outgoing.enter(post);
    post.roomLeft = !this.#outgoing.isFull;
    this.#open.add(post);
    const cancelled = post.cancels === undefined ? undefined : this.#open.get(post.cancels);
    const introduced = this.#introduced;
    if (cancelled !== undefined) void this.#cancel(post, cancelled);
    else if (post.method === INITIALIZED) this.#introduced = Promise.race([this.#carry(post), patience()]);
    else if (introduced === undefined) void this.#carry(post);
    else void introduced.then(() => this.#carry(post));
    return post;
  }

  onDrain(callback: () => void): void {
    if (this.#state === "open") this.#outgoing.onDrain(callback);
    else process.nextTick(callback);
  }

  pause(): void {
    this.#reading.pause();
  }

  resume(): void {
    this.#reading.resume();
  }

  agree(protocolVersion: string): void {
    this.#transport.agree(protocolVersion);
  }

  stop(graceMs: number): Promise<void> {
    this.#stopped ??= this.#end(graceMs);
    return this.#stopped;
  }

  async #end(graceMs: number): Promise<void> {
    const wasOver = this.#state === "over";
    this.#state = "over";
    if (!wasOver) await this.#transport.end(graceMs);
    this.#close();
  }

  /** Ends all connections, and gives every open request its fate. */
  #close(): void {
    this.#state = "over";
    this.#open.close();
    this.#abort.abort();
    this.#network.close();
    this.#reading.resume();
    this.#outgoing.release();
  }

  async #carry(post: Post): Promise<void> {
    try {
      await this.#outgoing.turn(post);
      // Refused with the others when the session is over.
      if (this.#state === "ending") return this.#settle(post, undefined, "failed-before");
      if (this.#state === "over" || post.signal.aborted) return;
      await this.#transport.post(post);
      if (post.method === INITIALIZED) this.#transport.listen();
    } catch (error) {
      await this.#onFailure(post, error);
    } finally {
      if (!post.isRequest) post.settle();
    }
  }

  /** A request that has not left is only dropped. The response of one that has is not waited for any longer. */
  async #cancel(cancellation: Post, cancelled: Post): Promise<void> {
    const accepted = cancelled.fate === "left" ? this.#carry(cancellation) : cancellation.settle();
    await Promise.race([accepted, delay(CANCEL_MS, undefined, { ref: false })]);
    this.#settle(cancelled, "cancelled before its answer", cancelled.fate === "left" ? "unknown" : "failed-before");
    cancelled.drop();
  }

  #deliver(message: Buffer, post: Post | undefined): void {
    if (this.#state === "over") return;
    this.#trace?.("←", message);
    let frame = message;
    try {
      const envelope = readEnvelope(message);
      if (envelope.kind === "response") frame = this.#onResponse(envelope, post);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      if (post !== undefined) post.problem = error.message;
    }
    if (post?.isRequest) this.#handlers.onFrame(frame, post);
    else this.#handlers.onFrame(frame);
  }

  /** An answer, on whichever stream. One without an ID answers the request in whose response it is. */
  #onResponse(response: ResponseEnvelope, post: Post | undefined): Buffer {
    if (response.id === null) {
      if (post === undefined || !this.#open.has(post)) return response.raw;
      this.#open.answer(post);
      return withId(response, JSON.stringify(post.id));
    }
    const answered = this.#open.get(response.id);
    if (answered !== undefined) this.#open.answer(answered);
    return response.raw;
  }

  /** What it means that a frame could not be carried: for its request, and for the session. */
  async #onFailure(post: Post, error: unknown): Promise<void> {
    if (this.#state === "over" || (post.isRequest && !this.#open.has(post))) return;
    if (!post.isRequest) {
      // Servers answer notifications that they do not know with all kinds of errors.
      const { reason } = describeError(error, this.#endpoint.origin);
      return this.#log(`HTTP: for ${post.method ?? "an answer of the client"} the server ${reason}`);
    }
    if (post.method === "initialize") return this.#onInitializeFailed(post, error);
    const isGone = error instanceof ErrorStatus && this.#transport.hasSession && isSessionGone(error.response);
    if (!isGone && !(error instanceof NotConnected && !this.#open.haveLeft)) return this.#fail(post, error);
    // Its end reports that, and the next session sends it again.
    this.#settle(post, undefined, "failed-before");
    this.#onGone(error);
  }

  /** Servers of the older transport refuse this POST; their stream is at the same address. */
  async #onInitializeFailed(post: Post, error: unknown): Promise<void> {
    if (error instanceof ErrorStatus && MAY_BE_LEGACY.has(error.response.status)) {
      try {
        this.#transport = await LegacySse.open(this.#link);
        await this.#transport.post(post);
        return;
      } catch (second) {
        if (this.#transport instanceof LegacySse) return this.#finish(second, false);
      }
    }
    const answer = error instanceof ErrorStatus ? errorFrameIn(error.response.text) : undefined;
    if (answer === undefined) this.#finish(error, false);
    else this.#deliver(answer, post);
  }

  #fail(post: Post, error: unknown): void {
    const { reason, fate } = describeError(error, this.#endpoint.origin);
    this.#settle(post, reason, fate);
  }

  /** The request will not be answered; `reason`: reports that, unless the end of the channel does. */
  #settle(post: Post, reason: string | undefined, fate: "failed-before" | "unknown"): void {
    if (!this.#open.fail(post, fate)) return;
    const isRetried = this.#state === "ending" && fate === "failed-before";
    if (reason !== undefined && !isRetried) this.#handlers.onFailed(post, this.#options.redact(reason));
  }

  /** The session is over. Requests that are under way may still be answered, or refused for the same reason. */
  #onGone(error: unknown): void {
    if (this.#state !== "open") return;
    this.#state = "ending";
    this.#outgoing.release();
    void Promise.race([this.#open.settled(), delay(ENDING_MS, undefined, { ref: false })]).then(() => {
      this.#finish(error, error instanceof ErrorStatus);
    });
  }

  #finish(error: unknown, isForgotten: boolean): void {
    if (this.#state === "over") return;
    const { reason } = describeError(error, this.#endpoint.origin);
    this.#close();
    const wasOfUse = this.#open.hasServed || performance.now() - this.#since > USEFUL_MS;
    const end: ChannelEnd = { reason: this.#options.redact(reason) };
    this.#handlers.onEnd(isForgotten && wasOfUse ? { ...end, forgotten: true } : end);
  }

  #log(line: string): void {
    if (this.#state !== "over") this.#handlers.onLogLine(line);
  }
}

const NOT_SENT: SentFrame = { fate: "failed-before", roomLeft: false };

/** What servers without Streamable HTTP answer to a POST at the address of their stream. */
const MAY_BE_LEGACY = new Set([400, 404, 405, 406, 415, 422, 501]);

/** How long the requests of a session that is over may still be answered, ms. */
const ENDING_MS = 5_000;

/** How long a server may take to accept a cancellation, ms. */
const CANCEL_MS = 5_000;

/** A session that ends earlier, and without an answer, is a failure of the server, which is not tried again at once. */
const USEFUL_MS = 10_000;

const INITIALIZED = "notifications/initialized";

/** A server that does not answer the notification at all gets its requests nevertheless. */
function patience(): Promise<void> {
  return delay(INTRODUCTION_MS, undefined, { ref: false });
}

const INTRODUCTION_MS = 1_000;
