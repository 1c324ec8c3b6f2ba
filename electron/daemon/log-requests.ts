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

/** What one answer to the window may look through, so that each comes soon: it asks again for more. */
const SEARCH_BYTES = 32 * 1024 * 1024;
const SEARCH_HITS = 100;
const FILTER_BYTES = 8 * 1024 * 1024;

export interface LogRequests {
  page(request: LogPageRequest): Promise<LogPage>;
  search(request: LogSearchRequest): Promise<LogSearchResult>;
  follow(request: LogFollowRequest): void;
  /** Nobody can see the window: following rests, and goes on without a gap when it is shown. */
  hidden(): void;
  shown(): void;
  close(): void;
}

/** Reads the daemons' logs for the window: backwards in pages, searching, and following. `logOf` throws for a daemon that is not listed. */
export function createLogRequests(logOf: (daemon: string) => string, notify: Notifier): LogRequests {
  let following = new AbortController();
  const rest = createRest();
  return {
    page: async ({ daemon, before, count, breadcrumbsOnly }) => {
      const options = breadcrumbsOnly ? { filter: isBreadcrumbLine, maxBytes: FILTER_BYTES } : {};
      const log = logOf(daemon);
      const page = before
        ? await readLinesBefore(log, before, count, options)
        : await readLastLines(log, count, options);
      return { entries: page.lines.map(entryOf), before: page.before, end: page.end };
    },
    search: (request) => search(logOf(request.daemon), request),
    follow: ({ daemon, from }) => {
      following.abort();
      if (from === "off") return;
      following = new AbortController();
      void follow(daemon, logOf(daemon), from, notify, (until) => rest.over(until), following.signal);
    },
    hidden: () => rest.begin(),
    shown: () => rest.end(),
    close: () => following.abort(),
  };
}

async function search(log: string, request: LogSearchRequest): Promise<LogSearchResult> {
  const hits: LogEntry[] = [];
  let before: LogPosition | undefined = request.before;
  while (hits.length < SEARCH_HITS) {
    const found = await searchBackwards(log, request.needle, before, { maxBytes: SEARCH_BYTES });
    before = found.before;
    if (found.hit && (!request.breadcrumbsOnly || isBreadcrumbLine(found.hit.text))) hits.push(entryOf(found.hit));
    if (!found.hit) return { hits: hits.reverse(), before, searchedBytes: SEARCH_BYTES };
    if (!before) break;
  }
  return { hits: hits.reverse(), before, searchedBytes: 0 };
}

async function follow(
  daemon: string,
  log: string,
  from: LogPosition | "end",
  notify: Notifier,
  restOver: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let count = 0;
  // Lines that are only just written have no place yet; their order is all that the window needs of the key.
  const session = `${Date.now()}`;
  const onLines = async (lines: readonly string[]): Promise<void> => {
    // The next lines are read when these were taken, so that nothing is read meanwhile.
    await restOver(signal);
    const entries = lines.map((text) => entryOf({ text, key: `new:${session}:${++count}` }));
    if (!signal.aborted) notify.log.lines({ daemon, entries });
  };
  try {
    await followLog(log, onLines, { signal, from });
  } catch {
    // Ended by the next follow, or by a log that cannot be read, which the page says.
  }
}

interface Rest {
  begin(): void;
  end(): void;
  /** Resolves when there is no rest, or `signal` aborts. */
  over(signal: AbortSignal): Promise<void>;
}

function createRest(): Rest {
  const waiting = new Set<() => void>();
  let resting = false;
  return {
    begin: () => void (resting = true),
    end: () => {
      resting = false;
      for (const goOn of waiting) goOn();
      waiting.clear();
    },
    over: (signal) =>
      new Promise((resolve) => {
        if (!resting || signal.aborted) return resolve();
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
