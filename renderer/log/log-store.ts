import type { LogEntry, LogPage, LogPosition } from "../../electron/ipc/log-messages.js";

/** The part of a log that the window holds, oldest first. */
export interface LogStore {
  entries: readonly LogEntry[];
  /** Ask for older ones here; undefined when there are none, or when they were let go of. */
  before: LogPosition | undefined;
  /** True while the newest line of all is among the entries. */
  reachesEnd: boolean;
  /** True when `entries` begins with the log's first line. */
  reachesStart: boolean;
}

export const EMPTY_LOG: LogStore = { entries: [], before: undefined, reachesEnd: true, reachesStart: false };

/** What a window can hold without growing for ever: days of log, some ten megabytes of memory. */
export const MOST_ENTRIES = 50_000;

/** The store with an older page in front. Beyond the bound the newest go, and the end is out of reach. */
export function withOlder(store: LogStore, page: Pick<LogPage, "entries" | "before">): LogStore {
  const all = [...page.entries, ...store.entries];
  return {
    entries: all.length > MOST_ENTRIES ? all.slice(0, MOST_ENTRIES) : all,
    before: page.before,
    reachesEnd: store.reachesEnd && all.length <= MOST_ENTRIES,
    reachesStart: page.before === undefined,
  };
}

/** The store with lines that were just written. Beyond the bound a tenth of the oldest goes at once. */
export function withNewer(store: LogStore, lines: readonly LogEntry[]): LogStore {
  if (!store.reachesEnd || lines.length === 0) return store;
  const all = [...store.entries, ...lines];
  if (all.length <= MOST_ENTRIES) return { ...store, entries: all };
  return { ...store, entries: all.slice(-MOST_ENTRIES * 0.9), before: undefined, reachesStart: false };
}

/** Which rows of a list are to be drawn: those in sight and some more on both sides, in steps, so that few scrolls redraw. */
export function visibleRows(
  scrollTop: number,
  height: number,
  rowHeight: number,
  count: number,
): { first: number; last: number } {
  const first = Math.floor(scrollTop / rowHeight) - VISIBLE_MARGIN;
  const last = Math.ceil((scrollTop + height) / rowHeight) + VISIBLE_MARGIN;
  const step = (row: number): number => Math.floor(row / STEP) * STEP;
  return { first: clamp(step(first), 0, count), last: clamp(step(last) + STEP, 0, count) };
}

/** Rows that are drawn beyond those in sight, on either side. */
export const VISIBLE_MARGIN = 10;
const STEP = 8;

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
