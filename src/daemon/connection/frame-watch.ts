import type { FrameStream } from "../../wire/frame-stream.js";

/** Notices that a client has stopped in the middle of a frame. */
export class FrameWatch {
  readonly #stream: FrameStream;
  #receivedBytes = 0;
  #beats = 0;

  constructor(stream: FrameStream) {
    this.#stream = stream;
  }

  /**
   * To be called with every heartbeat. True when a frame is incomplete and no byte has come for `STALLED_BEATS` heartbeats.
   * Beats are counted, and not time, since the machine may have slept; those during which nothing was read do not count.
   */
  isStalled(): boolean {
    const { pendingBytes, receivedBytes, isPaused } = this.#stream;
    const moved = receivedBytes !== this.#receivedBytes;
    this.#receivedBytes = receivedBytes;
    if (pendingBytes === 0 || moved) this.#beats = 0;
    else if (!isPaused) this.#beats++;
    return this.#beats >= STALLED_BEATS;
  }
}

export const STALLED_BEATS = 15;
