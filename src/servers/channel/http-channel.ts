import { setTimeout as delay } from "node:timers/promises";

import type { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";

import { errorFrame } from "../../mcp/answer-frames.js";
import { serverLost, serverUnavailable } from "../../mcp/refusals.js";
import type { Channel, ChannelHandlers } from "./channel.js";
import { describeHttpFailure } from "./http-failure.js";

export interface HttpChannelOptions {
  name: string;
  url: string;
  headers: Record<string, string>;
  redact: (text: string) => string;
}

/** Speaks Streamable HTTP to a remote server, by the SDK's transport. Nothing is sent before the first frame. */
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
  framesSent = 0;
  readonly #options: HttpChannelOptions;
  readonly #handlers: ChannelHandlers;
  readonly #transport: StreamableHTTPClientTransport;
  /** Requests without an answer, and the numbers of their frames. */
  readonly #pending = new Map<string | number, number>();
  #left = Infinity;
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

  /** A frame that was handed to HTTP may have arrived, unless the last ones are known to have been turned away. */
  get framesLeft(): number {
    return Math.min(this.framesSent, this.#left);
  }

  async start(): Promise<void> {
    await this.#transport.start();
  }

  send(frame: string | Buffer): boolean {
    if (this.#over) return false;
    this.framesSent++;
    const message = JSON.parse(frame.toString()) as JSONRPCMessage;
    const id = "method" in message && "id" in message ? message.id : undefined;
    if (id !== undefined) this.#pending.set(id, this.framesSent);
    const isFirst = "method" in message && message.method === "initialize";
    this.#transport.send(message).catch((error: unknown) => this.#onSendFailure(id, isFirst, error));
    return true;
  }

  onDrain(callback: () => void): void {
    process.nextTick(callback);
  }

  pause(): void {
    // Every answer has a connection of its own; what is under way comes in.
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
    // Lets the server forget the session; one that cannot be reached does so by itself in the end.
    const told = this.#transport.terminateSession().catch(() => undefined);
    await Promise.race([told, delay(graceMs, undefined, { ref: false })]);
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
    const isLast = id !== undefined && this.#pending.get(id) === Math.max(...this.#pending.values());
    // Not answered here, the router sends it again as soon as there is a new session.
    if (failure.sessionOver && !failure.delivered && isLast) this.#left = (this.#pending.get(id) ?? 0) - 1;
    else if (id !== undefined && !isFirst) this.#answerFor(id, reason, failure.delivered);
    if (isFirst || failure.sessionOver) {
      this.#over = true;
      void this.#transport.close();
      this.#handlers.onEnd({ reason });
    }
  }

  /** Answers in the server's place what it will not answer any more. */
  #answerFor(id: string | number, reason: string, delivered: boolean): void {
    if (!this.#pending.delete(id)) return;
    const { name } = this.#options;
    const why = `The server "${name}" ${reason}.`;
    const refusal = delivered ? serverLost(name, why) : serverUnavailable(name, why);
    this.#handlers.onFrame(Buffer.from(errorFrame(JSON.stringify(id), refusal)));
  }

  /**
   * The SDK says nothing when an answer's stream ends without the answer. It may resume the stream, so the request gets
   * a while before it counts as lost.
   */
  async #fetch(input: Parameters<typeof fetch>[0], init: RequestInit | undefined): Promise<Response> {
    const response = await fetch(input, init);
    const id = init?.method === "POST" ? idOf(init.body) : undefined;
    if (id === undefined || response.body === null) return response;
    const onEnd = (): void => {
      const timer = setTimeout(() => {
        if (!this.#over) this.#answerFor(id, "ended the connection before its answer", true);
      }, RESUME_MS);
      timer.unref();
    };
    return new Response(watched(response.body, onEnd), response);
  }
}

/** The same bytes; `onEnd` is called when they end, in whatever way. */
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

/** Longer than the SDK's own attempts to resume. */
const RESUME_MS = 10_000;
