import type { Readable } from "node:stream";

import { unreadInput } from "./unread-input.js";

export interface InboxEvents {
  onChunk(chunk: Buffer): void;
  /** Once, when the input has ended and everything was passed on. */
  onEnd(): void;
}

/**
 * The reading side of a stream: passes on what comes in, unless it is held, and at most `linesPerTurn` lines in one turn
 * of the event loop, so that a client that floods its connection does not keep the others waiting.
 */
export class Inbox {
  readonly #input: Readable;
  readonly #linesPerTurn: number;
  readonly #events: InboxEvents;
  /** What keeps the input from being read. Several reasons may hold it at once. */
  readonly #holds = new Set<symbol>();
  /** Received, and not passed on yet. */
  #backlog: Buffer[] = [];
  #linesThisTurn = 0;
  #receivedBytes = 0;
  #isPassing = false;
  #end: "seen" | "reported" | undefined;
  #isOpen = true;

  constructor(input: Readable, linesPerTurn: number, events: InboxEvents) {
    this.#input = input;
    this.#linesPerTurn = linesPerTurn;
    this.#events = events;
    // A socket that ends itself when the other side has ended would not wait for what is still to be passed on.
    if ("allowHalfOpen" in input) input.allowHalfOpen = true;
    input.on("data", (chunk: Buffer) => {
      this.#receivedBytes += chunk.length;
      this.#backlog.push(chunk);
      this.#pass();
    });
    // Node may emit it even while the input is paused.
    input.on("end", () => {
      this.#end = "seen";
      this.#pass();
    });
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** True while nothing is read. The other side's end is not noticed meanwhile. */
  get isHeld(): boolean {
    return this.#holds.size > 0;
  }

  /** Stops reading until the returned function is called and every other hold is released. `reason` is for a debugger. */
  hold(reason: string): () => void {
    const hold = Symbol(reason);
    this.#holds.add(hold);
    this.#input.pause();
    return () => {
      if (!this.#holds.delete(hold)) return;
      this.#pass();
      if (!this.isHeld) this.#input.resume();
    };
  }

  /** Passes on at once all that the other side has written. For a stream that is about to be destroyed. */
  takeAll(): void {
    const backlog = this.#backlog;
    this.#backlog = [];
    for (const chunk of [...backlog, ...unreadInput(this.#input)]) if (this.#isOpen) this.#events.onChunk(chunk);
  }

  /** Passes nothing on any more but the end. Reads on, so that the other side is not stuck in its write. */
  close(): void {
    this.#isOpen = false;
    this.#backlog = [];
    this.#holds.clear();
    this.#input.resume();
  }

  #pass(): void {
    if (this.#isPassing) return; // A hold was released by what is just being passed on, and the loop below goes on.
    this.#isPassing = true;
    while (this.#isOpen && !this.isHeld) {
      const chunk = this.#backlog.shift();
      if (chunk === undefined) break;
      const end = this.#endOfTurn(chunk);
      if (end < chunk.length) {
        this.#backlog.unshift(chunk.subarray(end));
        this.#awaitNextTurn();
      }
      this.#events.onChunk(end < chunk.length ? chunk.subarray(0, end) : chunk);
    }
    this.#isPassing = false;
    if (!this.#isOpen) this.#backlog = [];
    if (this.#end === "seen" && !this.isHeld) {
      this.#end = "reported";
      this.#events.onEnd();
    }
  }

  #awaitNextTurn(): void {
    const release = this.hold("other streams have their turn");
    setImmediate(() => {
      this.#linesThisTurn = 0;
      release();
    });
  }

  /** The offset in `chunk` behind the last line of this turn. */
  #endOfTurn(chunk: Buffer): number {
    if (this.#linesPerTurn === Infinity) return chunk.length;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) {
      if (++this.#linesThisTurn >= this.#linesPerTurn) return at + 1;
    }
    // A shorter chunk was all that the kernel had, so the next one comes in another turn.
    if (chunk.length < FULL_CHUNK_BYTES) this.#linesThisTurn = 0;
    return chunk.length;
  }
}

const NEWLINE = 0x0a;
/** How much Node reads from a socket at once. */
const FULL_CHUNK_BYTES = 64 * 1024;
