import { MAX_TIMER_MS } from "../route/open-requests.js";

/** Calls back when nothing was done for a while. Cheap to keep from it: `touch` only notes the time. */
export class IdleTimer {
  readonly #idleMs: number;
  readonly #isInUse: () => boolean;
  readonly #onIdle: () => void;
  #lastUse = 0;
  #timer: NodeJS.Timeout | undefined;

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
    this.#timer = setTimeout(() => this.#look(), Math.min(Math.ceil(ms), MAX_TIMER_MS));
    this.#timer.unref();
  }

  #look(): void {
    const leftMs = this.#isInUse() ? this.#idleMs : this.#idleMs - (performance.now() - this.#lastUse);
    if (leftMs > 0) this.#wait(leftMs);
    else this.#onIdle();
  }
}
