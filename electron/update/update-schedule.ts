/** Delay of the first check after the app's start, so that it does not slow a login down. */
export const FIRST_CHECK_MS = 10_000;
const CHECK_EVERY_MS = 4 * 60 * 60_000;
/** After a check that failed; doubled by each further one. A download that fails does not double it. */
const RETRY_MS = 5 * 60_000;
/** Up to this share more, so that the apps of an office do not all ask at the same moment. */
const JITTER = 0.2;

/**
 * How long until the next check, ms of awake time. `failuresInARow`: of checks, until now; `random`: 0 to 1.
 */
export function untilNextCheck(failuresInARow: number, random: number): number {
  const pause = failuresInARow === 0 ? CHECK_EVERY_MS : Math.min(CHECK_EVERY_MS, RETRY_MS * 2 ** (failuresInARow - 1));
  return Math.round(pause * (1 + JITTER * random));
}
