/** A server that ran this long is healthy again: what crashed before is forgotten. */
export const HEALTHY_MS = 60_000;

/**
 * How long to wait before the next start after so many crashes in a row, ms. The first one of a healthy server is
 * answered at once, since most crashes come alone; then 1, 2, 4 … 60 s.
 */
export function backoffMs(crashesInRow: number): number {
  return crashesInRow <= 1 ? 0 : Math.min(60_000, 1000 * 2 ** (crashesInRow - 2));
}
