import type { FrameStream } from "../../wire/frame-stream.js";
import { RpcError } from "../../wire/rpc-error.js";

/** The daemon's own messages to one client, beside those that a hosted server's session sends on the same stream. */
export class OwnMessages {
  readonly #stream: FrameStream;

  constructor(stream: FrameStream) {
    this.#stream = stream;
  }

  /** False for a client that has left more than 1 MiB unread. */
  get areRead(): boolean {
    return this.#stream.bufferedBytes <= MAX_UNREAD_BYTES;
  }

  /** Dropped for a client that does not read: it can do without notifications. */
  notify(method: string, params: object): void {
    if (this.areRead) this.#send({ method, params });
  }

  /** For the last notification, which comes before the end of the connection. */
  notifyAnyway(method: string, params: object): void {
    this.#send({ method, params });
  }

  request(id: string, method: string): void {
    this.#send({ id, method });
  }

  result(id: string | number, result: unknown): void {
    this.#send({ id, result });
  }

  /** `id` null: the error answers no particular request. */
  error(id: string | number | null, code: number, message: string, data?: unknown): void {
    this.#send({ id, error: { code, message, data } });
  }

  /** An RpcError is sent as it is, anything else as an internal error. */
  failure(id: string | number, error: unknown): void {
    if (error instanceof RpcError) this.error(id, error.code, error.message, error.data);
    else this.error(id, -32603, error instanceof Error ? error.message : String(error));
  }

  /** Answers with what `produce` returns or throws; undefined becomes an empty result. Never rejects. */
  async answer(id: string | number, produce: () => unknown): Promise<void> {
    try {
      this.result(id, (await produce()) ?? {});
    } catch (error) {
      this.failure(id, error);
    }
  }

  #send(message: object): void {
    this.#stream.send(JSON.stringify({ jsonrpc: "2.0", ...message }));
  }
}

/** A client that leaves more than this unread gets no notifications, and is not read from until it reads. */
export const MAX_UNREAD_BYTES = 1024 * 1024;
