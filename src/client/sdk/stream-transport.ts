import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";

import { requireFrameLength } from "../../wire/frames.js";
import type { FrameStream, FrameStreamHandlers } from "../../wire/frame-stream.js";
import { parseMessage } from "../../wire/message.js";
import { answerToInitialize, isInitialize, type Handshake } from "./made-handshake.js";

/** The SDK's transport over a stream of frames. `send` rejects when the connection is over. */
export class StreamTransport implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: Transport["onmessage"];
  readonly #open: (handlers: FrameStreamHandlers) => FrameStream;
  readonly #handshake: Handshake | undefined;
  #stream: FrameStream | undefined;
  /** Received messages, and the end of the connection, in their order. */
  readonly #events: (() => void)[] = [];
  #end: () => void = () => {};
  readonly #ended = new Promise<void>((resolve) => (this.#end = resolve));

  /** `handshake`: the one that was already made on the stream. */
  constructor(open: (handlers: FrameStreamHandlers) => FrameStream, handshake: Handshake | undefined) {
    this.#open = open;
    this.#handshake = handshake;
  }

  /** Starts reading; by now the SDK has set its callbacks. */
  async start(): Promise<void> {
    if (this.#stream !== undefined) throw new Error("This transport was already started.");
    this.#stream = this.#open({
      // The SDK validates the message with its own schemas.
      onFrame: (raw) => {
        const message = parseMessage(raw) as JSONRPCMessage;
        this.#inTurn(() => this.onmessage?.(message));
      },
      onClose: (error) =>
        this.#inTurn(() => {
          if (error !== undefined) this.onerror?.(error);
          this.onclose?.();
          this.#end();
        }),
      label: "sdk",
    });
  }

  /**
   * One after another, with time for microtasks in between: the SDK handles a notification in one, and would take the
   * answer in the same packet first, after which there is no progress on the request any more.
   */
  #inTurn(event: () => void): void {
    this.#events.push(event);
    if (this.#events.length === 1) queueMicrotask(() => this.#next());
  }

  #next(): void {
    try {
      this.#events[0]?.();
    } catch (error) {
      this.onerror?.(error as Error);
    }
    this.#events.shift();
    if (this.#events.length > 0) queueMicrotask(() => this.#next());
  }

  /** Resolves when more can be sent; rejects when the connection is over, and for a message that is too long. */
  async send(message: JSONRPCMessage): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined || stream.closed) throw notConnected();
    if (this.#handshake && isInitialize(message)) {
      const answer = answerToInitialize(message, this.#handshake);
      process.nextTick(() => this.onmessage?.(answer));
      return;
    }
    const frame = JSON.stringify(message);
    requireFrameLength(frame);
    if (stream.send(frame)) return;
    await new Promise<void>((resolve) => stream.onDrain(resolve));
    if (stream.closed) throw notConnected();
  }

  /** Resolves when everything sent was flushed or dropped and the connection is over. */
  async close(): Promise<void> {
    if (this.#stream === undefined) await this.start();
    this.#stream?.close();
    await this.#ended;
  }
}

function notConnected(): Error {
  return new Error("The connection is closed.");
}
