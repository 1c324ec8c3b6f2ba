import type { Writable } from "node:stream";

/** Frames on their way out: those of one tick leave in one write, and it is known which of them may have left. */
export class Outbox {
  readonly #output: Writable;
  /** Frames that wait for this tick's end, or for the output to drain. */
  #queue: Buffer[] = [];
  #queueBytes = 0;
  #flushScheduled = false;
  #drainCallbacks: (() => void)[] = [];
  #framesSent = 0;
  #framesLeft = 0;

  constructor(output: Writable) {
    this.#output = output;
    output.on("drain", () => this.#flush());
  }

  /** Bytes that the kernel has not taken yet. */
  get bufferedBytes(): number {
    return this.#queueBytes + this.#output.writableLength;
  }

  /** How many frames came in so far: the number of the last one. */
  get framesSent(): number {
    return this.#framesSent;
  }

  /** The number of the last frame that may have left this process whole. Those behind it are known not to have left. */
  get framesLeft(): number {
    return this.#framesLeft;
  }

  /** Takes a frame without its newline, to be written at this tick's end. */
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

  /** Calls back once, when there is room again or nothing will be written any more. */
  onDrain(callback: () => void): void {
    if (this.isFull()) this.#drainCallbacks.push(callback);
    else process.nextTick(callback);
  }

  /** Hands everything to the output now, however full it is. */
  flushAll(): void {
    if (this.#queue.length > 0) this.#write();
  }

  /** Gives up what the output does not have yet. */
  drop(): void {
    this.#queue = [];
    this.#queueBytes = 0;
    for (const callback of this.#drainCallbacks.splice(0)) process.nextTick(callback);
  }

  #flush(): void {
    // What waits here while the output is full is known not to have left; in the output's own buffer nobody could tell.
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
      // A failed write lacks at least its last byte, so its last frame never left whole, nor did any behind it.
      if (error) this.#framesLeft = Math.min(this.#framesLeft, last - 1);
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

/** From this many waiting bytes on the output counts as full. */
const FULL_BYTES = 256 * 1024;

/** Up to this size copying frames into one piece is cheaper than a write of many pieces. */
const JOINED_BYTES = 16 * 1024;
