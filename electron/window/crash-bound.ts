/** So many crashes within CRASH_WINDOW_MS are a loop: loading the page again would only crash again. */
const CRASH_LOOP = 3;
const CRASH_WINDOW_MS = 60_000;

/** Counts crashes. The function takes the time of one, ms, and returns whether the page may be loaded again. */
export function createCrashBound(): (now: number) => boolean {
  let crashes: number[] = [];
  return (now) => {
    crashes = [...crashes.filter((at) => at > now - CRASH_WINDOW_MS), now];
    return crashes.length < CRASH_LOOP;
  };
}
