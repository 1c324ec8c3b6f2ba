import type { FrameStream } from "../../wire/frame-stream.js";
import { errorFrame, notificationFrame, requestFrame, resultFrame } from "../../mcp/answer-frames.js";
import type { Refusal } from "../../mcp/refusals.js";
import { errorMember } from "../../wire/rpc-error.js";

/** The daemon's own messages to one client, beside those that a hosted server's session sends on the same stream. */
export class OwnMessages {
  readonly #stream: FrameStream;
  readonly #onAnswered: () => void;
  #owed = 0;

  /** `onAnswered` is called after each `answer`. */
  constructor(stream: FrameStream, onAnswered: () => void) {
    this.#stream = stream;
    this.#onAnswered = onAnswered;
  }

  /** True while an answer is being produced. */
  get owesAnswers(): boolean {
    return this.#owed > 0;
  }

  /** False for a client that has left more than 1 MiB unread. */
  get areRead(): boolean {
    return this.#stream.bufferedBytes <= MAX_UNREAD_BYTES;
  }

  /** Dropped for a client that does not read: it can do without notifications. */
  notify(method: string, params: object): void {
    if (this.areRead) this.notifyAnyway(method, params);
  }

  /** For the last notification, which comes before the end of the connection. */
  notifyAnyway(method: string, params: object): void {
    this.#stream.send(notificationFrame(method, params));
  }

  request(id: string, method: string): void {
    this.#stream.send(requestFrame(JSON.stringify(id), method, {}));
  }

  /** `idText`: the request's id as JSON text, since a number may have more digits than JavaScript's. */
  result(idText: string, result: unknown): void {
    this.#stream.send(resultFrame(idText, result));
  }

  /** `idText` "null": the error answers no particular request. */
  error(idText: string, refusal: Refusal): void {
    this.#stream.send(errorFrame(idText, refusal));
  }

  /** An RpcError is sent as it is, anything else as an internal error. */
  failure(idText: string, error: unknown): void {
    this.#stream.send(`{"jsonrpc":"2.0","id":${idText},"error":${JSON.stringify(errorMember(error))}}`);
  }

  /** Answers with what `produce` returns or throws; undefined becomes an empty result. Never rejects. */
  async answer(idText: string, produce: () => unknown): Promise<void> {
    this.#owed++;
    try {
      this.result(idText, (await produce()) ?? {});
    } catch (error) {
      this.failure(idText, error);
    } finally {
      this.#owed--;
      this.#onAnswered();
    }
  }
}

/** A client that leaves more than this unread gets no notifications, and is not read from until it reads. */
export const MAX_UNREAD_BYTES = 1024 * 1024;
