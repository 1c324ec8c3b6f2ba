import type { LogPosition } from "../../src/log/files.js";
import type { DaemonId } from "../model/daemon/daemon-state.js";

export type { LogPosition };

/** A line of the log as the window shows it. */
export interface LogEntry {
  /** Unique, and always the same for the same line. */
  key: string;
  /** Epoch ms; null for lines that other programs wrote, which have no time. */
  at: number | null;
  level: "debug" | "info" | "warn" | "error" | "event" | "plain";
  component: string;
  text: string;
}

export interface LogPageRequest {
  daemon: DaemonId;
  /** Undefined for the newest lines. */
  before: LogPosition | undefined;
  count: number;
  breadcrumbsOnly: boolean;
}

export interface LogPage {
  /** Oldest first. */
  entries: readonly LogEntry[];
  /** Where the next older page ends; undefined at the beginning of the log. */
  before: LogPosition | undefined;
  /** Where following has to start so that no line is missed. */
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
  /** Where the search continues; undefined when the whole log was searched. */
  before: LogPosition | undefined;
  /** How many bytes were read for this answer. */
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

/** Limits that the window keeps to and the main process enforces. */
export const LOG_PAGE_MOST = 500;
export const LOG_NEEDLE_MOST = 200;
