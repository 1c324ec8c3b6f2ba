import type { FrameStream } from "../../wire/frame-stream.js";

/** Notices that a client has stopped in the middle of a frame. */
export class FrameWatch {
  readonly #stream: FrameStream;
  #partialSince: number | undefined;

  constructor(stream: FrameStream) {
    this.#stream = stream;
  }

  /** To be called with every heartbeat, `now` in ms. True once a frame has been incomplete for more than 30 s. */
  isStalled(now: number): boolean {
    if (this.#stream.pendingBytes === 0) this.#partialSince = undefined;
    else this.#partialSince ??= now;
    return this.#partialSince !== undefined && now - this.#partialSince > PARTIAL_FRAME_MS;
  }
}

export const PARTIAL_FRAME_MS = 30_000;
