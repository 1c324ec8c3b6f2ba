import type { Readable, Writable } from "node:stream";

import { FrameDecoder, FrameError } from "./frames.js";
import { wireTrace, type WireTrace } from "./trace.js";

export interface FrameStreamHandlers {
  /** What it throws ends this stream, not the process: a FrameError is told to the other side too. */
  onFrame(raw: Buffer): void;
  /** Once, when the stream is over: after a `close()` of our own, when all that was sent is flushed or given up. */
  onClose(error: Error | undefined): void;
  /** Any bytes have come, a raw heartbeat's too. */
  onActivity?(): void;
  /** Names the stream in the wire trace. */
  readonly label?: string;
}

/** Frames over a socket or a pair of pipes, with backpressure, batched writes and an orderly end. */
export class FrameStream {
  readonly #input: Readable;
  readonly #output: Writable;
  readonly #handlers: FrameStreamHandlers;
  readonly #decoder: FrameDecoder;
  readonly #trace: WireTrace | undefined;
  /** Frames that wait for this tick's end, or for the output to drain. */
  #queue: Buffer[] = [];
  #queueBytes = 0;
  #flushScheduled = false;
  #drainCallbacks: (() => void)[] = [];
  #framesSent = 0;
  #framesLeft = 0;
  #state: "open" | "closing" | "closed" = "open";
  #error: Error | undefined;
  #giveUp: NodeJS.Timeout | undefined;

  constructor(input: Readable, output: Writable, handlers: FrameStreamHandlers) {
    this.#input = input;
    this.#output = output;
    this.#handlers = handlers;
    this.#trace = wireTrace(handlers.label ?? "wire");
    this.#decoder = new FrameDecoder((raw) => {
      if (this.#state !== "open") return;
      this.#trace?.("←", raw);
      this.#handlers.onFrame(raw);
    });
    input.on("data", (chunk: Buffer) => this.#onData(chunk));
    input.on("end", () => this.#onEnd());
    output.on("drain", () => this.#flush());
    for (const half of new Set<Readable | Writable>([input, output])) {
      half.on("error", (error: NodeJS.ErrnoException) => this.#onBroken(error));
      half.on("close", () => {
        // A pipe that was read to its end closes too, while the other one may still have to flush.
        if (half !== input || !input.readableEnded || output.destroyed) this.#onBroken(undefined);
      });
    }
  }

  /** True from the moment on when nothing can be sent any more. */
  get closed(): boolean {
    return this.#state !== "open";
  }

  /** Bytes that were sent and that the kernel has not taken yet. */
  get bufferedBytes(): number {
    return this.#queueBytes + this.#output.writableLength;
  }

  /** Bytes of a frame that has begun and not ended. */
  get pendingBytes(): number {
    return this.#decoder.pendingBytes;
  }

  /** How many frames `send` has taken so far: the number of the last one. */
  get framesSent(): number {
    return this.#framesSent;
  }

  /** The number of the last frame that may have left this process whole. Those behind it are known not to have left. */
  get framesLeft(): number {
    return this.#framesLeft;
  }

  /**
   * Sends one frame (JSON without a newline) at this tick's end, together with all others of the tick.
   * False: closed, or the output is full and the caller should wait for `onDrain` before it sends more. Never throws.
   */
  send(frame: string | Buffer): boolean {
    if (this.#state !== "open") return false;
    this.#trace?.("→", frame);
    const bytes = typeof frame === "string" ? Buffer.from(frame) : frame;
    this.#queue.push(bytes);
    this.#queueBytes += bytes.length + 1;
    this.#framesSent++;
    if (!this.#flushScheduled) {
      this.#flushScheduled = true;
      process.nextTick(() => {
        this.#flushScheduled = false;
        this.#flush();
      });
    }
    return !this.#isFull();
  }

  /** Calls back once, as soon as the output is no longer full; also when the stream ends, since nobody waits for more then. */
  onDrain(callback: () => void): void {
    if (this.#state === "open" && this.#isFull()) this.#drainCallbacks.push(callback);
    else process.nextTick(callback);
  }

  /** Stops reading. Frames that were read already are still given out, and the other side's end goes unnoticed. */
  pause(): void {
    this.#input.pause();
  }

  resume(): void {
    this.#input.resume();
  }

  /** Flushes what was sent, then ends both directions; with an error it drops the rest and ends at once. Idempotent. */
  close(error?: Error): void {
    if (this.#state !== "open") return;
    this.#error = error;
    if (error === undefined) this.#end();
    else this.#destroy();
  }

  #isFull(): boolean {
    return this.bufferedBytes >= Math.max(FULL_BYTES, this.#output.writableHighWaterMark);
  }

  #onData(chunk: Buffer): void {
    if (this.#state !== "open") return; // Ending: read and thrown away, so that the other side is not stuck in its write.
    try {
      this.#handlers.onActivity?.();
      this.#decoder.push(chunk);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Says why to the other side, when its bytes were the reason, and ends. */
  #fail(error: Error): void {
    if (this.#state !== "open") return;
    if (!(error instanceof FrameError)) return this.close(error);
    const answer = { jsonrpc: "2.0", id: null, error: { code: error.rpcCode, message: error.message } };
    this.send(JSON.stringify(answer));
    this.#error = error;
    this.#end();
  }

  /** The other side has said all it had to say. */
  #onEnd(): void {
    if (this.#state === "open") {
      this.#error = this.#halfFrame();
      this.#end();
    } else if (this.#output.writableFinished) this.#destroy();
  }

  /** Nothing can be read or written any more. */
  #onBroken(error: NodeJS.ErrnoException | undefined): void {
    if (this.#state === "open") this.#error = isNormalEnd(error) ? this.#halfFrame() : error;
    this.#destroy();
  }

  #halfFrame(): Error | undefined {
    const bytes = this.#decoder.pendingBytes;
    if (bytes === 0) return undefined;
    return new Error(`The connection ended in the middle of a message, after ${bytes} bytes of it.`);
  }

  /** Hands over what is queued, says end, and waits (bounded) until the kernel has it all. */
  #end(): void {
    this.#flush(true);
    this.#state = "closing";
    this.#giveUp = setTimeout(() => this.#destroy(), LINGER_MS);
    this.#input.resume();
    this.#output.end(() => {
      // After a bad frame the other side is likely still writing: a destroyed socket would cut off the answer that says why.
      if (!(this.#error instanceof FrameError) || this.#input.readableEnded) this.#destroy();
    });
  }

  #destroy(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    clearTimeout(this.#giveUp);
    this.#queue = [];
    this.#queueBytes = 0;
    this.#input.destroy();
    this.#output.destroy();
    // Never from within the caller's own `close`; and by then the output has called back what it gave up.
    process.nextTick(() => {
      for (const callback of this.#drainCallbacks.splice(0)) callback();
      this.#handlers.onClose(this.#error);
    });
  }

  #flush(all = false): void {
    if (this.#state !== "open") return;
    // What waits here while the output is full is known not to have left; in the output's own buffer nobody could tell.
    if (this.#queue.length > 0 && (all || !this.#output.writableNeedDrain)) this.#write();
    if (!this.#isFull()) for (const callback of this.#drainCallbacks.splice(0)) callback();
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
    for (const frame of frames.slice(0, -1)) {
      this.#output.write(frame);
      this.#output.write(NEWLINE);
    }
    this.#output.write(frames.at(-1) ?? NEWLINE);
    this.#output.write(NEWLINE, onWritten);
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

/** The other side went away: how that shows depends on what we were doing at that moment, and is no fault of ours. */
function isNormalEnd(error: NodeJS.ErrnoException | undefined): boolean {
  return error === undefined || error.code === "EPIPE" || error.code === "ECONNRESET";
}

const NEWLINE = Buffer.from("\n");

/** Above this many waiting bytes `send` says "full". */
const FULL_BYTES = 256 * 1024;

/** Up to this size copying frames into one piece is cheaper than a write of many pieces. */
const JOINED_BYTES = 16 * 1024;

/** How long an orderly end may take before the rest is given up. */
const LINGER_MS = 2000;
