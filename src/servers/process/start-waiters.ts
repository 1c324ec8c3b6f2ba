import { MAX_TIMER_MS } from "./idle-timer.js";

/** Callers that wait until a server's start has succeeded or failed. */
export class StartWaiters {
  readonly #waiting = new Set<() => void>();

  /** Resolves at the next `wake`, or after `boundMs`. */
  async wait(boundMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.min(boundMs, MAX_TIMER_MS));
      this.#waiting.add(resolve);
    });
    clearTimeout(timer);
  }

  wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
