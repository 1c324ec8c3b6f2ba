import { exchange, isEventStream, textOf } from "./net/exchange.js";
import { ErrorStatus, NoAnswer } from "./failure.js";
import { BodyTooLarge, framesIn } from "./bodies.js";
import { EventDecoder } from "./events.js";
import type { Post } from "./post.js";
import type { HttpLink, HttpTransport } from "./transport.js";

/**
 * MCP's older transport, HTTP with SSE (2024-11-05): one stream for everything that the server sends, whose first event
 * names the address for POSTs. The session ends with the stream.
 */
export class LegacySse implements HttpTransport {
  readonly hasSession = false;
  readonly #link: HttpLink;
  readonly #target: URL;
  #protocolVersion: string | undefined;

  private constructor(link: HttpLink, target: URL) {
    this.#link = link;
    this.#target = target;
  }

  /** Opens the stream and waits for the address. Rejects when the server has no such stream. */
  static async open(link: HttpLink): Promise<LegacySse> {
    const { network, endpoint, signal } = link;
    const headers = { accept: "text/event-stream" };
    const answer = await exchange(network, endpoint, { method: "GET", headers, signal });
    if (answer.status !== 200 || !isEventStream(answer)) {
      throw new ErrorStatus({ ...answer, text: await textOf(answer.body) });
    }
    return new Promise((resolve, reject) => {
      const tooLate = setTimeout(() => {
        reject(new NoAnswer(`opened a stream, but named no address for messages within ${ADDRESS_MS / 1000} s`));
        answer.body.destroy();
      }, ADDRESS_MS);
      const onAddress = (address: string): void => {
        clearTimeout(tooLate);
        try {
          const target = endpoint.resolve(address);
          if (target.origin !== endpoint.origin)
            throw new Error(`wants its messages at another server, ${target.origin}`);
          isOpen = true;
          resolve(new LegacySse(link, target));
        } catch (error) {
          reject(new NoAnswer((error as Error).message));
          answer.body.destroy();
        }
      };
      let isOpen = false;
      const ended = read(link, answer.body, onAddress);
      void ended.then((error) => {
        clearTimeout(tooLate);
        if (isOpen) link.onEnded(error);
        else reject(error);
      });
    });
  }

  agree(protocolVersion: string): void {
    this.#protocolVersion = protocolVersion;
  }

  listen(): void {
    // The stream is there from the beginning.
  }

  async post(post: Post): Promise<void> {
    const { network, endpoint, onLeaving, onSent } = this.#link;
    const version = this.#protocolVersion === undefined ? {} : { "mcp-protocol-version": this.#protocolVersion };
    const question = {
      method: "POST" as const,
      headers: { "content-type": "application/json", ...version },
      body: () => post.frame,
      signal: post.signal,
      onLeaving: () => onLeaving(post),
      onSent: () => onSent(post),
    };
    const answer = await exchange(network, endpoint, question, this.#target);
    if (answer.status >= 200 && answer.status < 300) return void answer.body.resume();
    throw new ErrorStatus({ ...answer, text: await textOf(answer.body) });
  }

  async end(): Promise<void> {
    // The end of the stream is the end of the session.
  }
}

/** Reads the stream to its end, and resolves to the reason for that. */
async function read(link: HttpLink, body: AsyncIterable<Buffer>, onAddress: (address: string) => void): Promise<Error> {
  const decoder = new EventDecoder(
    ({ type, data }) => {
      if (type === "endpoint") return onAddress(data.toString().trim());
      if (type === "" || type === "message") for (const frame of framesIn(data)) link.deliver(frame);
    },
    () => link.onEnded(new BodyTooLarge()),
  );
  try {
    const reader = link.reading.start();
    for await (const chunk of body) {
      decoder.push(chunk);
      await reader.turn(decoder.keptBytes);
    }
  } catch (error) {
    return error as Error;
  }
  return new NoAnswer("ended its stream of events");
}

const ADDRESS_MS = 10_000;
