/** The crashes of a hosted server: when it may start again, and what it printed before the last one. */
export class CrashRecord {
  #inARow = 0;
  #lines: string[] = [];

  /** The server printed a line. */
  note(line: string): void {
    this.#lines.push(line.slice(0, LINE_LENGTH));
    if (this.#lines.length > LINES) this.#lines.shift();
  }

  forgetLines(): void {
    this.#lines = [];
  }

  /** The last lines as a sentence, or an empty text. */
  get lastOutput(): string {
    return this.#lines.length === 0 ? "" : ` Its last output: "${this.#lines.join(" | ")}".`;
  }

  /**
   * A crash, or a failed start (`readyMs` undefined; otherwise how long it had been ready). Returns how long to wait before
   * the next start and, as the end of "the server …", what happened.
   */
  add(readyMs: number | undefined, reason: string): { nextStartMs: number; what: string } {
    // A server that never got ready is not started again for every single request.
    if (readyMs === undefined) this.#inARow = Math.max(1, this.#inARow) + 1;
    else this.#inARow = readyMs >= HEALTHY_MS ? 1 : this.#inARow + 1;
    const what = readyMs === undefined ? `could not be started: ${reason}` : reason;
    return { nextStartMs: backoffMs(this.#inARow), what };
  }
}

/**
 * How long to wait before the next start after that many crashes in a row, ms. After the first one there is no wait, since
 * most crashes come alone; then 1, 2, 4 … 60 s.
 */
export function backoffMs(crashesInRow: number): number {
  return crashesInRow <= 1 ? 0 : Math.min(60_000, 1000 * 2 ** (crashesInRow - 2));
}

/** A server that ran this long is healthy again, and its earlier crashes no longer count. */
const HEALTHY_MS = 60_000;

const LINES = 10;
const LINE_LENGTH = 300;
