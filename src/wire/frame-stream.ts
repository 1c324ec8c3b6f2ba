import type { Readable, Writable } from "node:stream";

import { FrameDecoder, FrameError, type FrameCutter } from "./frames.js";
import { Inbox } from "./inbox.js";
import { Outbox } from "./outbox.js";
import { errorOf } from "./rpc-error.js";
import { wireTrace, type WireTrace } from "./trace.js";

export interface FrameStreamHandlers {
  /** An exception ends this stream, not the process; the other side is sent a FrameError's message. */
  onFrame(raw: Buffer): void;
  /** Once, when the stream is over: after our own `close()`, when everything sent was flushed or dropped. */
  onClose(error: Error | undefined): void;
  /**
   * The other side has sent all that it will send, between two frames; it may still read. True keeps the stream open for
   * sending until `close`. Default: the stream ends.
   */
  onHalfClosed?(): boolean;
  /** Any bytes were received, including those of a raw heartbeat. */
  onActivity?(): void;
  /** A raw heartbeat was received, which is no frame. */
  onHeartbeat?(): void;
  /** Names the stream in the wire trace. */
  readonly label?: string;
  /** Cuts the input into frames. Default: a FrameDecoder. */
  cutter?(onFrame: (raw: Buffer) => void): FrameCutter;
  /** For a stream beside many others in one process, none of which may harm the others. Default: no such bounds. */
  readonly bounds?: FrameStreamBounds;
}

export interface FrameStreamBounds {
  /** How many lines are read in one turn of the event loop. */
  readonly linesPerTurn: number;
  /** While the other side leaves more than this unread, nothing is read from it, so that it cannot ask for more. */
  readonly unreadBytes: number;
}

/** Frames over a socket or a pair of pipes, with backpressure, batched writes and a graceful close. */
export class FrameStream {
  readonly #input: Readable;
  readonly #output: Writable;
  readonly #handlers: FrameStreamHandlers;
  readonly #decoder: FrameCutter;
  readonly #trace: WireTrace | undefined;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  #releaseCaller: (() => void) | undefined;
  #releaseUnread: (() => void) | undefined;
  /** mute: the output broke, but what the other side wrote before is still read. closing: the rest is being flushed. */
  #state: "open" | "mute" | "closing" | "closed" = "open";
  #error: Error | undefined;
  #giveUp: NodeJS.Timeout | undefined;

  constructor(input: Readable, output: Writable, handlers: FrameStreamHandlers) {
    this.#input = input;
    this.#output = output;
    this.#handlers = handlers;
    this.#outbox = new Outbox(output, () => this.#onWriteFailed());
    this.#trace = wireTrace(handlers.label ?? "wire");
    const onFrame = (raw: Buffer): void => {
      if (this.#isEnding()) return;
      this.#trace?.("←", raw);
      this.#handlers.onFrame(raw);
    };
    this.#decoder = handlers.cutter?.(onFrame) ?? new FrameDecoder(onFrame, () => handlers.onHeartbeat?.());
    this.#inbox = new Inbox(input, handlers.bounds?.linesPerTurn ?? Infinity, {
      onChunk: (chunk) => this.#onData(chunk),
      onEnd: () => this.#onEnd(),
    });
    input.on("error", (error: NodeJS.ErrnoException) => this.#onBroken(error));
    input.on("close", () => {
      // A pipe that was read to its end closes too, while the output may not be flushed yet.
      if (!input.readableEnded || output.destroyed) this.#onBroken(undefined);
    });
    if (this.#isPair()) {
      output.on("error", (error: NodeJS.ErrnoException) => this.#onOutputBroken(error));
      output.on("close", () => this.#onOutputBroken(undefined));
    }
  }

  /** True as soon as nothing can be sent any more. */
  get closed(): boolean {
    return this.#state !== "open";
  }

  /** Bytes that were sent and not yet accepted by the kernel. */
  get bufferedBytes(): number {
    return this.#outbox.bufferedBytes;
  }

  /** Received bytes of a frame that is not complete yet. */
  get pendingBytes(): number {
    return this.#decoder.pendingBytes;
  }

  /** How many bytes were received in all. */
  get receivedBytes(): number {
    return this.#inbox.receivedBytes;
  }

  /** True while nothing is read from the other side, for whatever reason. */
  get isPaused(): boolean {
    return this.#inbox.isHeld;
  }

  /** How many frames `send` has accepted, which is the number of the last one. */
  get framesSent(): number {
    return this.#outbox.framesSent;
  }

  /** The number of the last frame that may have left this process whole. Later ones are known not to have left. */
  get framesLeft(): number {
    return this.#outbox.framesLeft;
  }

  /**
   * Sends one frame (JSON without a newline) at the end of this tick, together with all others of the tick. Returns
   * false when closed, or when the output is full and the caller should wait for `onDrain`. Never throws.
   */
  send(frame: string | Buffer): boolean {
    if (this.#state !== "open") return false;
    this.#trace?.("→", frame);
    this.#outbox.put(typeof frame === "string" ? Buffer.from(frame) : frame);
    this.#boundUnread();
    return !this.#outbox.isFull();
  }

  /** Calls back once, as soon as the output is no longer full, or when the stream ends. */
  onDrain(callback: () => void): void {
    if (this.#state === "open") this.#outbox.onDrain(callback);
    else process.nextTick(callback);
  }

  /** Stops reading. A few frames that were already read may still be emitted; the other side's end is not noticed. */
  pause(): void {
    this.#releaseCaller ??= this.#inbox.hold("the caller");
  }

  resume(): void {
    this.#releaseCaller?.();
    this.#releaseCaller = undefined;
  }

  /** Flushes and then ends both directions; with an error it drops what is queued and ends at once. Idempotent. */
  close(error?: Error): void {
    if (this.#isEnding()) return;
    this.#error = error;
    if (error === undefined && this.#state === "open") this.#end();
    else this.#destroy();
  }

  #isEnding(): boolean {
    return this.#state === "closing" || this.#state === "closed";
  }

  /** Two pipes, as a child process has, which can break one by one; a socket breaks as a whole. */
  #isPair(): boolean {
    return (this.#input as unknown) !== this.#output;
  }

  #boundUnread(): void {
    const { unreadBytes = Infinity } = this.#handlers.bounds ?? {};
    if (this.#releaseUnread !== undefined || this.bufferedBytes <= unreadBytes) return;
    this.#releaseUnread = this.#inbox.hold("the other side does not read");
    this.#outbox.onDrain(() => {
      this.#releaseUnread?.();
      this.#releaseUnread = undefined;
    });
  }

  #onData(chunk: Buffer): void {
    if (this.#isEnding()) return;
    try {
      this.#handlers.onActivity?.();
      this.#decoder.push(chunk);
    } catch (error) {
      this.#fail(errorOf(error));
    }
  }

  /** Ends the stream, after it told the other side why when its bytes were the reason. */
  #fail(error: Error): void {
    if (this.#isEnding()) return;
    if (!(error instanceof FrameError) || this.#state === "mute") return this.close(error);
    const answer = { jsonrpc: "2.0", id: null, error: { code: error.rpcCode, message: error.message } };
    this.send(JSON.stringify(answer));
    this.#error = error;
    this.#end();
  }

  /** The other side ended its output. */
  #onEnd(): void {
    this.#decoder.end?.();
    if (this.#state === "open") {
      this.#error = this.#halfFrame();
      if (this.#error !== undefined || this.#handlers.onHalfClosed?.() !== true) this.#end();
    } else if (this.#state === "mute") this.#onBroken(undefined);
    else if (this.#output.writableFinished) this.#destroy();
  }

  /** A socket is destroyed next, so what the other side sent before it hung up has to be read now. */
  #onWriteFailed(): void {
    if (this.#isPair() || this.#state !== "open" || this.#input.destroyed) return;
    this.#inbox.takeAll();
  }

  #onOutputBroken(error: NodeJS.ErrnoException | undefined): void {
    if (this.#state === "mute") return; // "close" follows "error".
    if (this.#state !== "open" || !isNormalEnd(error)) return this.#onBroken(error);
    this.#state = "mute";
    this.#outbox.drop();
    this.#giveUp = setTimeout(() => this.#onBroken(undefined), LINGER_MS);
  }

  /** Nothing can be read any more. */
  #onBroken(error: NodeJS.ErrnoException | undefined): void {
    if (!this.#isEnding()) this.#error = isNormalEnd(error) ? this.#halfFrame() : error;
    this.#destroy();
  }

  #halfFrame(): Error | undefined {
    const bytes = this.#decoder.pendingBytes;
    if (bytes === 0) return undefined;
    return new Error(`The connection ended in the middle of a message, after ${bytes} bytes of it.`);
  }

  /** Writes what is queued, ends the output, and waits up to LINGER_MS until the kernel has accepted everything. */
  #end(): void {
    this.#outbox.flushAll();
    this.#state = "closing";
    this.#giveUp = setTimeout(() => this.#destroy(), LINGER_MS);
    this.#inbox.close();
    this.#output.end(() => {
      // After a bad frame the other side is probably still writing; destroying the socket would lose our explanation.
      if (!(this.#error instanceof FrameError) || this.#input.readableEnded) this.#destroy();
    });
  }

  #destroy(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    clearTimeout(this.#giveUp);
    this.#outbox.drop();
    this.#input.destroy();
    if (!this.#isPair() || !this.#output.writableFinished) this.#output.destroy();
    // Never from within the caller's own `close`; and by then the output has reported the writes that failed.
    process.nextTick(() => this.#handlers.onClose(this.#error));
  }
}

/** The other side went away. Which of these forms that takes depends on what we were doing at that moment. */
function isNormalEnd(error: NodeJS.ErrnoException | undefined): boolean {
  return error === undefined || error.code === "EPIPE" || error.code === "ECONNRESET";
}

/** How long a graceful close may take before the rest is dropped, ms. */
const LINGER_MS = 2000;
