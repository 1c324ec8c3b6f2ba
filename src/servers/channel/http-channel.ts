import { setTimeout as delay } from "node:timers/promises";

import type { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";

import type { Channel, ChannelHandlers, Fate, SentFrame } from "./channel.js";
import { describeHttpFailure } from "./http-failure.js";

export interface HttpChannelOptions {
  url: string;
  headers: Record<string, string>;
  redact: (text: string) => string;
}

/** Connects to a remote server over Streamable HTTP, with the SDK's transport. Nothing is sent before the first frame. */
export async function openHttpChannel(options: HttpChannelOptions, handlers: ChannelHandlers): Promise<Channel> {
  const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/sdk/client/streamableHttp.js");
  const channel = new HttpChannel(options, handlers, (fetchAndWatch) => {
    return new StreamableHTTPClientTransport(new URL(options.url), {
      requestInit: { headers: options.headers },
      fetch: fetchAndWatch,
    });
  });
  await channel.start();
  return channel;
}

class HttpChannel implements Channel {
  readonly pid = null;
  readonly #options: HttpChannelOptions;
  readonly #handlers: ChannelHandlers;
  readonly #transport: StreamableHTTPClientTransport;
  /** The frames of requests without an answer. */
  readonly #pending = new Map<string | number, PostedFrame>();
  #over = false;
  #stopped: Promise<void> | undefined;

  constructor(
    options: HttpChannelOptions,
    handlers: ChannelHandlers,
    createTransport: (fetchAndWatch: typeof fetch) => StreamableHTTPClientTransport,
  ) {
    this.#options = options;
    this.#handlers = handlers;
    this.#transport = createTransport((input, init) => this.#fetch(input, init));
    this.#transport.onmessage = (message) => this.#onMessage(message);
    this.#transport.onerror = (error) => {
      if (!this.#over) handlers.onLogLine(`HTTP: ${error.message.slice(0, 300)}`);
    };
  }

  async start(): Promise<void> {
    await this.#transport.start();
  }

  send(frame: string | Buffer): SentFrame {
    const sent = new PostedFrame(this.#over ? "failed-before" : "left");
    if (this.#over) return sent;
    const message = JSON.parse(frame.toString()) as JSONRPCMessage;
    const id = "method" in message && "id" in message ? message.id : undefined;
    if (id !== undefined) this.#pending.set(id, sent);
    const isFirst = "method" in message && message.method === "initialize";
    this.#transport.send(message).catch((error: unknown) => this.#onSendFailure(id, isFirst, error));
    return sent;
  }

  onDrain(callback: () => void): void {
    process.nextTick(callback);
  }

  pause(): void {
    // Each answer has its own connection, and answers that are on their way still come in.
  }

  resume(): void {
    // Never paused.
  }

  agree(protocolVersion: string): void {
    this.#transport.setProtocolVersion(protocolVersion);
  }

  stop(graceMs: number): Promise<void> {
    this.#stopped ??= this.#end(graceMs);
    return this.#stopped;
  }

  async #end(graceMs: number): Promise<void> {
    this.#over = true;
    // Ends the session at the server. If that fails, the server lets it expire.
    const terminated = this.#transport.terminateSession().catch(() => undefined);
    await Promise.race([terminated, delay(graceMs, undefined, { ref: false })]);
    await this.#transport.close();
  }

  #onMessage(message: JSONRPCMessage): void {
    if (this.#over) return;
    if (!("method" in message) && message.id !== undefined) this.#pending.delete(message.id);
    this.#handlers.onFrame(Buffer.from(JSON.stringify(message)));
  }

  #onSendFailure(id: string | number | undefined, isFirst: boolean, error: unknown): void {
    if (this.#over) return;
    const failure = describeHttpFailure(error, new URL(this.#options.url).origin);
    const reason = this.#options.redact(failure.reason);
    const isOver = isFirst || failure.sessionOver;
    // When the session is over too, its end is reported instead: the next session sends again what failed before.
    if (id !== undefined) this.#settle(id, failure.fate, isOver ? undefined : reason);
    if (isOver) {
      this.#over = true;
      void this.#transport.close();
      this.#handlers.onEnd({ reason });
    }
  }

  /** The request with this id will not be answered; `reason`: reports that. */
  #settle(id: string | number, fate: Fate, reason: string | undefined): void {
    const sent = this.#pending.get(id);
    if (sent === undefined) return;
    this.#pending.delete(id);
    sent.fate = fate;
    if (reason !== undefined) this.#handlers.onFailed(sent, reason);
  }

  /**
   * The SDK reports nothing when a response's stream ends without the answer. It may resume the stream, so the request
   * counts as lost only after 10 s.
   */
  async #fetch(input: Parameters<typeof fetch>[0], init: RequestInit | undefined): Promise<Response> {
    const response = await fetch(input, init);
    const id = init?.method === "POST" ? idOf(init.body) : undefined;
    if (id === undefined || response.body === null) return response;
    const onEnd = (): void => {
      const timer = setTimeout(() => {
        if (!this.#over) this.#settle(id, "unknown", "ended the connection before its answer");
      }, RESUME_MS);
      timer.unref();
    };
    return new Response(watched(response.body, onEnd), response);
  }
}

/** A frame in a POST of its own: it has left at once, and settles when that POST fails. */
class PostedFrame implements SentFrame {
  fate: Fate;
  readonly roomLeft = true;

  constructor(fate: Fate) {
    this.fate = fate;
  }
}

/** The same bytes. `onEnd` is called when they end or fail. */
function watched(body: ReadableStream<Uint8Array>, onEnd: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      onEnd();
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

function idOf(body: unknown): string | number | undefined {
  if (typeof body !== "string") return undefined;
  const { id, method } = JSON.parse(body) as { id?: string | number; method?: string };
  return method === undefined ? undefined : id;
}

/** Longer than the SDK tries to resume a stream. */
const RESUME_MS = 10_000;
