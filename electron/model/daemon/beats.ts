/** The heartbeats of the last five minutes, oldest first, and what interrupted them. */
export interface BeatHistory {
  points: readonly BeatPoint[];
  marks: readonly BeatMark[];
}

export interface BeatPoint {
  /** When it was received, epoch ms. */
  at: number;
  /** The daemon's event-loop lag, ms; undefined if it does not report it. */
  lagMs: number | undefined;
}

export interface BeatMark {
  at: number;
  what: "started" | "ended" | "woke";
}

export const HISTORY_MS = 5 * 60_000;
/** Bounds the memory whatever a daemon sends: five minutes of beats every half second. */
const MOST_POINTS = 600;
const MOST_MARKS = 60;

export function withBeat(history: BeatHistory, point: BeatPoint): BeatHistory {
  return { ...history, points: recent([...history.points, point], point.at, MOST_POINTS) };
}

export function withMark(history: BeatHistory, mark: BeatMark): BeatHistory {
  return { ...history, marks: recent([...history.marks, mark], mark.at, MOST_MARKS) };
}

function recent<T extends { at: number }>(items: T[], now: number, most: number): T[] {
  // After the clock is set back, points of the future would never expire.
  return items.filter(({ at }) => at > now - HISTORY_MS && at <= now).slice(-most);
}
