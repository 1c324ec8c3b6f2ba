import type { Writable } from "node:stream";

/** The send queue: frames of one tick leave in one write, and it is known which of them may have left. */
export class Outbox {
  readonly #output: Writable;
  readonly #onFailed: () => void;
  /** Frames that wait for the end of this tick, or for the output to drain. */
  #queue: Buffer[] = [];
  #queueBytes = 0;
  #flushScheduled = false;
  #drainCallbacks: (() => void)[] = [];
  #framesSent = 0;
  #framesLeft = 0;

  /** `onFailed` is called when a write has failed, before the output is destroyed for it. */
  constructor(output: Writable, onFailed: () => void) {
    this.#output = output;
    this.#onFailed = onFailed;
    output.on("drain", () => this.#flush());
  }

  /** Bytes that the kernel has not accepted yet. */
  get bufferedBytes(): number {
    return this.#queueBytes + this.#output.writableLength;
  }

  /** How many frames were put in, which is the number of the last one. */
  get framesSent(): number {
    return this.#framesSent;
  }

  /** The number of the last frame that may have left this process whole. Later ones are known not to have left. */
  get framesLeft(): number {
    return this.#framesLeft;
  }

  /** Queues a frame, without its newline, to be written at the end of this tick. */
  put(frame: Buffer): void {
    this.#queue.push(frame);
    this.#queueBytes += frame.length + 1;
    this.#framesSent++;
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    process.nextTick(() => {
      this.#flushScheduled = false;
      this.#flush();
    });
  }

  isFull(): boolean {
    return this.bufferedBytes >= Math.max(FULL_BYTES, this.#output.writableHighWaterMark);
  }

  /** Calls back once, when there is room again or when the stream has ended. */
  onDrain(callback: () => void): void {
    if (this.isFull()) this.#drainCallbacks.push(callback);
    else process.nextTick(callback);
  }

  /** Writes everything to the output now, however full it is. */
  flushAll(): void {
    if (this.#queue.length > 0) this.#write();
  }

  /** Drops what was not written to the output yet. */
  drop(): void {
    this.#queue = [];
    this.#queueBytes = 0;
    for (const callback of this.#drainCallbacks.splice(0)) process.nextTick(callback);
  }

  #flush(): void {
    // Frames in this queue are known not to have left; of those in the output's own buffer that could not be said.
    if (this.#queue.length > 0 && !this.#output.writableNeedDrain) this.#write();
    if (!this.isFull()) for (const callback of this.#drainCallbacks.splice(0)) callback();
  }

  #write(): void {
    const frames = this.#queue;
    const bytes = this.#queueBytes;
    this.#queue = [];
    this.#queueBytes = 0;
    const last = this.#framesSent;
    this.#framesLeft = last;
    const onWritten = (error: Error | null | undefined): void => {
      // A failed write lacks at least its last byte, so neither its last frame nor any later one left whole.
      if (!error) return;
      this.#framesLeft = Math.min(this.#framesLeft, last - 1);
      this.#onFailed();
    };
    if (bytes <= JOINED_BYTES) {
      this.#output.write(joinLines(frames, bytes), onWritten);
      return;
    }
    this.#output.cork();
    frames.forEach((frame, index) => {
      this.#output.write(frame);
      this.#output.write(NEWLINE, index === frames.length - 1 ? onWritten : undefined);
    });
    this.#output.uncork();
  }
}

function joinLines(frames: Buffer[], bytes: number): Buffer {
  const lines = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const frame of frames) {
    at += frame.copy(lines, at);
    lines[at++] = 0x0a;
  }
  return lines;
}

const NEWLINE = Buffer.from("\n");

/** With this many waiting bytes the output counts as full. */
const FULL_BYTES = 256 * 1024;

/** Up to this size it is cheaper to copy frames into one buffer than to write many. */
const JOINED_BYTES = 16 * 1024;
