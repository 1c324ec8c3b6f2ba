/** Delay of the first check after the app's start, so that it does not slow a login down. */
export const FIRST_CHECK_MS = 10_000;
const CHECK_EVERY_MS = 4 * 60 * 60_000;
/** After a round that failed, be it at its check, its download or its installation; doubled by each further one. */
const RETRY_MS = 5 * 60_000;
/** A server that asks for a longer pause is not believed. */
const LONGEST_MS = 24 * 60 * 60_000;
/** Up to this share more, so that the apps of an office do not all ask at the same moment. */
const JITTER = 0.2;

export interface Round {
  /** Rounds that failed until now, this one included. */
  failuresInARow: number;
  /** The server asked for a pause of at least so long. */
  retryAfterMs: number | undefined;
}

/** How long from the end of a round until the next one, ms. `random`: 0 to 1. */
export function pauseAfter({ failuresInARow, retryAfterMs = 0 }: Round, random: number): number {
  const pause = failuresInARow === 0 ? CHECK_EVERY_MS : Math.min(CHECK_EVERY_MS, RETRY_MS * 2 ** (failuresInARow - 1));
  return Math.round(Math.max(pause, Math.min(retryAfterMs, LONGEST_MS)) * (1 + JITTER * random));
}

/** Two clocks, ms. The wall clock can be set; on Linux the other one stands still while the machine sleeps. */
export interface Clocks {
  wall: number;
  awake: number;
}

export interface Pause {
  since: Clocks;
  ms: number;
}

/**
 * What is left of a pause, ms; 0 if it is over. By the clock that is further: after a night's sleep the next check is due
 * at once, and only once; a clock that was set back does not delay it.
 */
export function leftOf({ since, ms }: Pause, now: Clocks): number {
  return Math.max(0, ms - Math.max(now.wall - since.wall, now.awake - since.awake));
}
