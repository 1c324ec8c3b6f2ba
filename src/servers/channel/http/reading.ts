/** The reading of one response. */
export interface Reader {
  /** To be awaited before each read; `kept`: bytes of a message that is not complete yet. */
  turn(kept: number): Promise<void> | undefined;
  /** Nothing is kept any more. */
  end(): void;
}

/**
 * When the responses of a channel may be read: not while it is paused, and not all at once when they bring large
 * messages, since each is kept until it is complete. What is not read stays with the server.
 */
export class Reading {
  readonly #kept = new Map<Reader, number>();
  #keptBytes = 0;
  #onLess: (() => void)[] = [];
  #paused: { over: Promise<void>; resume: () => void } | undefined;

  pause(): void {
    if (this.#paused !== undefined) return;
    let resume: () => void = () => undefined;
    const over = new Promise<void>((resolve) => (resume = resolve));
    this.#paused = { over, resume };
  }

  resume(): void {
    this.#paused?.resume();
    this.#paused = undefined;
  }

  start(): Reader {
    const reader: Reader = {
      turn: (kept) => {
        this.#keep(reader, kept);
        return this.#paused === undefined && !this.#isTooMuch(reader) ? undefined : this.#wait(reader);
      },
      end: () => this.#keep(reader, 0),
    };
    return reader;
  }

  #keep(reader: Reader, kept: number): void {
    const before = this.#kept.get(reader) ?? 0;
    this.#keptBytes += kept - before;
    if (kept === 0) this.#kept.delete(reader);
    else this.#kept.set(reader, kept);
    if (kept < before) for (const wake of this.#onLess.splice(0)) wake();
  }

  /** The one that has waited longest always goes on, and small messages do. */
  #isTooMuch(reader: Reader): boolean {
    if (this.#keptBytes <= MAX_KEPT_BYTES || (this.#kept.get(reader) ?? 0) < SMALL_BYTES) return false;
    const [oldest] = this.#kept.keys();
    return oldest !== reader;
  }

  async #wait(reader: Reader): Promise<void> {
    while (this.#paused !== undefined) await this.#paused.over;
    // A response that stalls in the middle must not hold up the others for good.
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      for (const wake of this.#onLess.splice(0)) wake();
    }, MAX_WAIT_MS).unref();
    while (!isLate && this.#isTooMuch(reader)) await new Promise<void>((resolve) => this.#onLess.push(resolve));
    clearTimeout(timer);
  }
}

const MAX_KEPT_BYTES = 16 * 1024 * 1024;
const SMALL_BYTES = 64 * 1024;
const MAX_WAIT_MS = 1_000;
