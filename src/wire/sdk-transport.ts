import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import type { Duplex } from "node:stream";

import { FrameStream } from "./frame-stream.js";
import { parseMessage } from "./message.js";

/**
 * The official SDK's `Transport` over a connected socket, for `Client.connect` and `Server.connect`. The SDK's own
 * `initialize` is the first thing on it, so the socket must be fresh. Nothing of the SDK is loaded here.
 */
export function createSdkTransport(socket: Duplex): Transport {
  return new SocketTransport(socket);
}

class SocketTransport implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: Transport["onmessage"];
  readonly #socket: Duplex;
  #stream: FrameStream | undefined;
  #end: () => void = () => {};
  readonly #ended = new Promise<void>((resolve) => (this.#end = resolve));

  constructor(socket: Duplex) {
    this.#socket = socket;
  }

  /** Begins to read: the SDK has set its callbacks by now. */
  async start(): Promise<void> {
    if (this.#stream !== undefined) throw new Error("This transport is started already.");
    this.#stream = new FrameStream(this.#socket, this.#socket, {
      // The SDK checks with its own schemas what the message holds.
      onFrame: (raw) => this.onmessage?.(parseMessage(raw) as JSONRPCMessage),
      onClose: (error) => {
        if (error !== undefined) this.onerror?.(error);
        this.onclose?.();
        this.#end();
      },
      label: "sdk",
    });
  }

  /** Resolves when more may be sent; rejects when the connection is over. */
  async send(message: JSONRPCMessage): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined || stream.closed) throw notConnected();
    if (stream.send(JSON.stringify(message))) return;
    await new Promise<void>((resolve) => stream.onDrain(resolve));
    if (stream.closed) throw notConnected();
  }

  /** Resolves when what was sent is flushed (or given up) and the connection is over. */
  async close(): Promise<void> {
    if (this.#stream === undefined) await this.start();
    this.#stream?.close();
    await this.#ended;
  }
}

function notConnected(): Error {
  return new Error("The connection is closed.");
}
