import type { LogEntry, LogPage, LogPosition } from "../../electron/ipc/log-messages.js";

/** The part of a log that the window holds, oldest first. */
export interface LogStore {
  entries: readonly LogEntry[];
  /** Where older entries end; undefined when there are none, or when the oldest were dropped. */
  before: LogPosition | undefined;
  /** True while the entries include the newest line of the log. */
  reachesEnd: boolean;
  /** True when `entries` begins with the log's first line. */
  reachesStart: boolean;
}

export const EMPTY_LOG: LogStore = { entries: [], before: undefined, reachesEnd: true, reachesStart: false };

/** The most that a window holds: days of log, some ten megabytes of memory. */
export const MOST_ENTRIES = 50_000;

/** The store with an older page in front. Beyond the limit the newest entries are dropped, and the end is no longer held. */
export function withOlder(store: LogStore, page: Pick<LogPage, "entries" | "before">): LogStore {
  const all = [...page.entries, ...store.entries];
  return {
    entries: all.length > MOST_ENTRIES ? all.slice(0, MOST_ENTRIES) : all,
    before: page.before,
    reachesEnd: store.reachesEnd && all.length <= MOST_ENTRIES,
    reachesStart: page.before === undefined,
  };
}

/** The store with new lines at its end. Beyond the limit the oldest tenth is dropped at once. */
export function withNewer(store: LogStore, lines: readonly LogEntry[]): LogStore {
  if (!store.reachesEnd || lines.length === 0) return store;
  const all = [...store.entries, ...lines];
  if (all.length <= MOST_ENTRIES) return { ...store, entries: all };
  return { ...store, entries: all.slice(-MOST_ENTRIES * 0.9), before: undefined, reachesStart: false };
}
