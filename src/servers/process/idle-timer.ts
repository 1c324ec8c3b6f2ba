/** Calls back when a server has not been used for a while. `touch` only notes the time, so it may be called for every frame. */
export class IdleTimer {
  readonly #idleMs: number;
  readonly #isInUse: () => boolean;
  readonly #onIdle: () => void;
  #lastUse = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `isInUse` is asked when the time is over; true begins it anew. With Infinity for `idleMs` it never calls back. */
  constructor(idleMs: number, isInUse: () => boolean, onIdle: () => void) {
    this.#idleMs = idleMs;
    this.#isInUse = isInUse;
    this.#onIdle = onIdle;
  }

  touch(): void {
    this.#lastUse = performance.now();
  }

  start(): void {
    this.touch();
    this.stop();
    this.#wait(this.#idleMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(ms: number): void {
    if (ms === Infinity) return;
    this.#timer = setTimeout(() => this.#check(), Math.min(Math.ceil(ms), MAX_TIMER_MS));
    this.#timer.unref();
  }

  #check(): void {
    if (this.#isInUse()) return this.#wait(Math.max(this.#idleMs, IN_USE_MS));
    const leftMs = this.#idleMs - (performance.now() - this.#lastUse);
    if (leftMs > 0) this.#wait(leftMs);
    else this.#onIdle();
  }
}

/** At least this long after a server was in use it is looked at again, ms: an idle time may be 0. */
const IN_USE_MS = 100;

/** The longest time that setTimeout takes, ms. Longer waits are made in several steps. */
export const MAX_TIMER_MS = 2 ** 31 - 1;
