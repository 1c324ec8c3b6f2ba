import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import type { Duplex } from "node:stream";

import { FrameStream } from "./frame-stream.js";
import { parseMessage } from "./message.js";

/**
 * The official SDK's `Transport` over a connected socket, for `Client.connect` and `Server.connect`. The SDK sends its
 * own `initialize`, so nothing may have been sent on the socket. Does not load the SDK. `send` rejects when the
 * connection is over.
 *
 * @example
 * ```ts
 * (await ensureDaemon(spec, options)).peer.close(); // From here on the right daemon runs.
 * const socket = createConnection(spec.paths.socket);
 * const client = new Client({ name: "notes", version: "1.0.0" });
 * await client.connect(createSdkTransport(socket));
 * ```
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

  /** Starts reading; by now the SDK has set its callbacks. */
  async start(): Promise<void> {
    if (this.#stream !== undefined) throw new Error("This transport was already started.");
    this.#stream = new FrameStream(this.#socket, this.#socket, {
      // The SDK validates the message with its own schemas.
      onFrame: (raw) => this.onmessage?.(parseMessage(raw) as JSONRPCMessage),
      onClose: (error) => {
        if (error !== undefined) this.onerror?.(error);
        this.onclose?.();
        this.#end();
      },
      label: "sdk",
    });
  }

  /** Resolves when more can be sent; rejects when the connection is over. */
  async send(message: JSONRPCMessage): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined || stream.closed) throw notConnected();
    if (stream.send(JSON.stringify(message))) return;
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
