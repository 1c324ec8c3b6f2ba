import { exactDurationText } from "../../src/text/duration.js";
import type { HeartbeatView } from "../../electron/view/window-view.js";
import { HEARTBEAT } from "../texts.js";

/** One column of the heartbeat strip: a slice of the last minutes. */
export type Column =
  /** Before the app knew this daemon, or still in progress. */
  | { is: "nothing" }
  /** Beats came. `height` (0 to 1) grows with the logarithm of the event loop's lag, which may not be known. */
  | { is: "beat" | "slow"; height: number; lagMs: number | undefined }
  /** A beat was due and none came. */
  | { is: "gap" }
  /** The machine slept. */
  | { is: "asleep" };

/** From this lag of the event loop on, callers notice the delay, ms. */
export const SLOW_MS = 100;

/** The strip at the time `now`, oldest column first. */
export function stripColumns(
  { beats, marks, windowMs, intervalMs }: HeartbeatView,
  now: number,
  count: number,
): Column[] {
  const columns: Column[] = Array.from({ length: count }, () => ({ is: "nothing" }));
  const columnAt = (at: number): number => placeOf(at, now, windowMs / count, count);

  const points = beats.filter(({ at }) => at > now - windowMs && at <= now);
  for (const { at, lagMs } of points) {
    const place = columnAt(at);
    const before = columns[place];
    const known = lagMs ?? 0;
    if (!before || ("lagMs" in before && (before.lagMs ?? 0) >= known)) continue;
    columns[place] = { is: known >= SLOW_MS ? "slow" : "beat", height: heightOf(known), lagMs };
  }
  // Gaps are between two beats, or after the last one. Before the first beat, nothing is known.
  const ends = [...points.map(({ at }) => at).slice(1), now];
  for (const [index, { at: from }] of points.entries()) {
    const to = ends[index] ?? now;
    if (to - from <= 2 * intervalMs) continue;
    const slept = marks.some(({ at, what }) => what === "woke" && at >= from && at <= to);
    for (let place = columnAt(from) + 1; place < columnAt(to); place++) {
      if (columns[place]?.is === "nothing") columns[place] = { is: slept ? "asleep" : "gap" };
    }
  }
  return columns;
}

/** The columns in which another daemon started. */
export function stripStarts({ beats, marks, windowMs }: HeartbeatView, now: number, count: number): number[] {
  const first = beats[0]?.at ?? now;
  const starts = marks.filter(({ at, what }) => what === "started" && at > first && at > now - windowMs && at <= now);
  return starts.map(({ at }) => placeOf(at, now, windowMs / count, count)).filter((place) => place >= 0);
}

/** Columns are slices of absolute time, so that drawn columns move but never change. */
function placeOf(at: number, now: number, slice: number, count: number): number {
  return count - 1 - (Math.floor(now / slice) - Math.floor(at / slice));
}

/** What the strip shows, for screen readers. */
export function stripText({ windowMs }: HeartbeatView, columns: readonly Column[], starts: number): string {
  const gaps = columns.filter(({ is }) => is === "gap").length;
  return HEARTBEAT.summary(windowMs, (gaps * windowMs) / columns.length, starts, longestLag(columns));
}

/** `12 ms`, `1.9 s`; undefined if the beats came without it. */
export function longestLag(columns: readonly Column[]): string | undefined {
  const beats = columns.filter((column) => "lagMs" in column);
  const lags = beats.map(({ lagMs }) => lagMs).filter((lagMs) => lagMs !== undefined);
  return beats.length > 0 && lags.length === 0 ? undefined : exactDurationText(Math.max(0, ...lags));
}

/** 1 ms and less is the lowest bar, a second and more the highest. */
function heightOf(lagMs: number): number {
  return Math.min(1, 0.2 + 0.8 * (Math.log10(Math.max(1, lagMs)) / 3));
}
