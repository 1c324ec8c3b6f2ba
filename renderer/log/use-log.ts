import { useEffect, useReducer, useRef } from "preact/hooks";
import type { Result } from "../../electron/ipc/result.js";
import type { RendererApi } from "../../electron/ipc/schema.js";
import type { LogEntry, LogPosition } from "../../electron/ipc/log-messages.js";
import { EMPTY_LOG, withNewer, withOlder, type LogStore } from "./log-store.js";

export type LogApi = RendererApi["log"];

export interface LogQuery {
  daemon: string;
  /** Empty for the whole log. */
  needle: string;
  breadcrumbsOnly: boolean;
}

export interface LoadedLog {
  store: LogStore;
  /** `first`: no rows are loaded yet; `older`: the rows before the first are being loaded. */
  loading: "first" | "older" | undefined;
  error: string | undefined;
  /** There is no log file yet. */
  isMissing: boolean;
  /** How many bytes the search has read so far. */
  searchedBytes: number;
  loadOlder: () => void;
  /** Starts again from the end. */
  reload: () => void;
}

const PAGE = 300;
/** A search continues until it has this many new hits. */
const HITS = 100;

/** The log for a query, read backwards page by page. Without a search term, new lines are added as they are written. */
export function useLog(api: LogApi, { daemon, needle, breadcrumbsOnly }: LogQuery): LoadedLog {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const session = useRef<Session>(undefined);
  const open = (): void => {
    session.current?.close();
    session.current = new Session(api, { daemon, needle, breadcrumbsOnly }, () => redraw(undefined));
  };
  useEffect(() => {
    open();
    return () => session.current?.close();
  }, [api, daemon, needle, breadcrumbsOnly]);
  const { store, loading, error, isMissing, searchedBytes } = session.current ?? BEFORE_THE_FIRST;
  return { store, loading, error, isMissing, searchedBytes, loadOlder: () => session.current?.older(), reload: open };
}

const BEFORE_THE_FIRST = {
  store: EMPTY_LOG,
  loading: "first",
  error: undefined,
  isMissing: false,
  searchedBytes: 0,
} as const;

/** One query. Answers that arrive after `close` are dropped. */
class Session {
  store = EMPTY_LOG;
  loading: LoadedLog["loading"] = "first";
  error: string | undefined;
  isMissing = false;
  searchedBytes = 0;
  #closed = false;
  #stopListening: (() => void) | undefined;

  constructor(
    private readonly api: LogApi,
    private readonly query: LogQuery,
    private readonly changed: () => void,
  ) {
    void this.#load("first", undefined);
  }

  older(): void {
    if (this.loading || this.store.before === undefined || this.error !== undefined) return;
    void this.#load("older", this.store.before);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#stopListening) return;
    this.#stopListening();
    this.api.follow({ daemon: this.query.daemon, from: "off" });
  }

  async #load(which: "first" | "older", before: LogPosition | undefined): Promise<void> {
    this.loading = which;
    this.changed();
    try {
      await (this.query.needle === "" ? this.#loadPage(before) : this.#search(before));
    } catch (cause) {
      this.error = cause instanceof Error ? cause.message : String(cause);
    }
    this.loading = undefined;
    if (!this.#closed) this.changed();
  }

  async #loadPage(before: LogPosition | undefined): Promise<void> {
    const { daemon, breadcrumbsOnly } = this.query;
    const page = valueOf(await this.api.page({ daemon, before, count: PAGE, breadcrumbsOnly }));
    if (this.#closed) return;
    this.store = withOlder(this.store, page);
    if (before !== undefined) return;
    this.isMissing = page.end === undefined;
    this.#follow(page.end ?? "end");
  }

  #follow(from: LogPosition | "end"): void {
    const { daemon, breadcrumbsOnly } = this.query;
    this.#stopListening = this.api.lines((lines) => {
      if (lines.daemon !== daemon) return;
      const wanted = breadcrumbsOnly ? lines.entries.filter(isBreadcrumb) : lines.entries;
      if (wanted.length === 0) return;
      this.store = withNewer(this.store, wanted);
      this.changed();
    });
    this.api.follow({ daemon, from });
  }

  async #search(from: LogPosition | undefined): Promise<void> {
    const { daemon, needle, breadcrumbsOnly } = this.query;
    const enough = this.store.entries.length + HITS;
    let before = from;
    do {
      const found = valueOf(await this.api.search({ daemon, needle, before, breadcrumbsOnly }));
      if (this.#closed) return;
      before = found.before;
      this.searchedBytes += found.searchedBytes;
      this.store = withOlder(this.store, { entries: found.hits, before });
      this.changed();
    } while (before !== undefined && this.store.entries.length < enough);
  }
}

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

function isBreadcrumb({ level }: LogEntry): boolean {
  return level === "event";
}
