import { followLog } from "../../src/log/follow.js";
import { isBreadcrumbLine, parseLogLine } from "../../src/log/line.js";
import { readLastLines, readLinesBefore } from "../../src/log/reader.js";
import { searchBackwards } from "../../src/log/search.js";
import type { Notifier } from "../ipc/schema.js";
import type {
  LogEntry,
  LogFollowRequest,
  LogPage,
  LogPageRequest,
  LogPosition,
  LogSearchRequest,
  LogSearchResult,
} from "../ipc/log-messages.js";

/** How much one answer may search, bytes, so that it comes at once, whatever matches; the window asks again for more. */
const SEARCH_BYTES = 1024 * 1024;
const SEARCH_HITS = 100;
const FILTER_BYTES = 8 * 1024 * 1024;

export interface LogRequests {
  page(request: LogPageRequest): Promise<LogPage>;
  /** Rejects once the next request comes: the window shows the answer to its newest only. */
  search(request: LogSearchRequest): Promise<LogSearchResult>;
  follow(request: LogFollowRequest): void;
  /** While the window is hidden following pauses; it resumes without a gap once the window is shown. */
  hidden(): void;
  shown(): void;
  close(): void;
}

/**
 * Answers the window's requests for the daemons' logs: pages, read backwards, a search, and following. The next request
 * ends a search that is under way. `logOf` throws for a daemon that is not listed.
 */
export function createLogRequests(logOf: (daemon: string) => string, notify: Notifier): LogRequests {
  let following = new AbortController();
  let searching = new AbortController();
  const pause = createPause();
  const endSearch = (): AbortSignal => {
    searching.abort(new Error("The search was ended by the next one."));
    searching = new AbortController();
    return searching.signal;
  };
  return {
    page: async ({ daemon, before, count, breadcrumbsOnly }) => {
      endSearch();
      const options = breadcrumbsOnly ? { filter: isBreadcrumbLine, maxBytes: FILTER_BYTES } : {};
      const log = logOf(daemon);
      const page = before
        ? await readLinesBefore(log, before, count, options)
        : await readLastLines(log, count, options);
      return { entries: page.lines.map(entryOf), before: page.before, end: page.end };
    },
    search: async ({ daemon, needle, before, breadcrumbsOnly }) => {
      const signal = endSearch();
      const filter = breadcrumbsOnly ? { filter: isBreadcrumbLine } : {};
      const options = { maxHits: SEARCH_HITS, maxBytes: SEARCH_BYTES, signal, ...filter };
      const found = await searchBackwards(logOf(daemon), needle, before, options);
      return { ...found, hits: found.hits.map(entryOf).reverse() };
    },
    follow: ({ daemon, from }) => {
      following.abort();
      if (from === "off") return;
      following = new AbortController();
      void follow(daemon, logOf(daemon), from, notify, (until) => pause.over(until), following.signal);
    },
    hidden: () => pause.begin(),
    shown: () => pause.end(),
    close: () => {
      following.abort();
      endSearch();
    },
  };
}

async function follow(
  daemon: string,
  log: string,
  from: LogPosition | "end",
  notify: Notifier,
  pauseOver: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let count = 0;
  // A line that was just written has no position yet; the key only has to be unique.
  const session = `${Date.now()}`;
  const onLines = async (lines: readonly string[]): Promise<void> => {
    // followLog reads on once this resolves, so nothing is read during the pause.
    await pauseOver(signal);
    const entries = lines.map((text) => entryOf({ text, key: `new:${session}:${++count}` }));
    if (!signal.aborted) notify.log.lines({ daemon, entries });
  };
  try {
    await followLog(log, onLines, { signal, from });
  } catch {
    // Ended by the next request to follow, or by a log that cannot be read, which the answer to `page` reports.
  }
}

interface Pause {
  begin(): void;
  end(): void;
  /** Resolves at once unless paused; otherwise when the pause ends, or `signal` aborts. */
  over(signal: AbortSignal): Promise<void>;
}

function createPause(): Pause {
  const waiting = new Set<() => void>();
  let paused = false;
  return {
    begin: () => void (paused = true),
    end: () => {
      paused = false;
      for (const resume of waiting) resume();
      waiting.clear();
    },
    over: (signal) =>
      new Promise((resolve) => {
        if (!paused || signal.aborted) return resolve();
        waiting.add(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      }),
  };
}

function entryOf(line: { text: string; at?: LogPosition; key?: string }): LogEntry {
  const key = line.key ?? `${line.at?.file ?? ""}:${line.at?.offset ?? 0}`;
  const parsed = parseLogLine(line.text);
  if (!parsed) return { key, at: null, level: "plain", component: "", text: line.text };
  const { at, level, component, text } = parsed;
  return { key, at: at?.getTime() ?? null, level, component, text };
}
