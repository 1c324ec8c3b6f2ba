export const FIRST_PAUSE_MS = 1_000;
export const LONGEST_PAUSE_MS = 60_000;
/** This many failures within CRASH_WINDOW_MS are a crash loop: starting on would only fill the log. */
export const CRASH_LOOP = 5;
export const CRASH_WINDOW_MS = 2 * 60_000;
/** A daemon that ran for this long has nothing to do with earlier failures. */
export const STABLE_MS = 60_000;

/** How long to wait before the next start after the `n`th failure in a row: 1, 2, 4 … 60 s. */
export function pauseAfter(n: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** Math.max(0, n - 1), LONGEST_PAUSE_MS);
}

/** The failures that still count, `now` among them. */
export function withFailure(failures: readonly number[], now: number): number[] {
  return [...failures.filter((at) => at > now - CRASH_WINDOW_MS && at <= now), now];
}
