/** The first look, once the app has come up: it is not to slow a login down. */
export const FIRST_CHECK_MS = 10_000;
const CHECK_EVERY_MS = 4 * 60 * 60_000;
/** After a failure, doubled by each that follows it. */
const RETRY_MS = 5 * 60_000;
/** Up to this share more, or all apps of an office would ask at the same moment. */
const JITTER = 0.2;

/**
 * How long until the next look, ms of awake time. `failuresInARow`: how often it has failed by now; `random`: 0 to 1. Pure.
 */
export function untilNextCheck(failuresInARow: number, random: number): number {
  const pause = failuresInARow === 0 ? CHECK_EVERY_MS : Math.min(CHECK_EVERY_MS, RETRY_MS * 2 ** (failuresInARow - 1));
  return Math.round(pause * (1 + JITTER * random));
}
