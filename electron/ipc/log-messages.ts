import type { LogPosition } from "../../src/log/files.js";
import type { DaemonId } from "../model/daemon/daemon-state.js";

export type { LogPosition };

export interface LogEntry {
  /** Unique; the same line always has the same. */
  key: string;
  /** Epoch ms; null for lines of others, which carry no time. */
  at: number | null;
  level: "debug" | "info" | "warn" | "error" | "event" | "plain";
  component: string;
  text: string;
}

export interface LogPageRequest {
  daemon: DaemonId;
  /** Undefined: the newest lines. */
  before: LogPosition | undefined;
  count: number;
  breadcrumbsOnly: boolean;
}

export interface LogPage {
  /** Oldest first. */
  entries: readonly LogEntry[];
  /** Ask for what came before this next; undefined when the log's beginning was reached. */
  before: LogPosition | undefined;
  /** From here following goes on without a gap. */
  end: LogPosition | undefined;
}

export interface LogSearchRequest {
  daemon: DaemonId;
  needle: string;
  before: LogPosition | undefined;
  breadcrumbsOnly: boolean;
}

export interface LogSearchResult {
  /** Oldest first. */
  hits: readonly LogEntry[];
  /** Go on here; undefined when everything was searched. */
  before: LogPosition | undefined;
  /** How much was looked through for this answer. */
  searchedBytes: number;
}

export interface LogFollowRequest {
  daemon: DaemonId;
  /** `off` ends the following. */
  from: LogPosition | "end" | "off";
}

export interface LogLines {
  daemon: DaemonId;
  entries: readonly LogEntry[];
}

/** Bounds that both sides know. */
export const LOG_PAGE_MOST = 500;
export const LOG_NEEDLE_MOST = 200;
