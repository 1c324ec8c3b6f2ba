import type { BigIntStats } from "node:fs";

/** How many old logs stay beside the current one. */
export const LOG_KEEP = 3;

/** The log's file of a given age: `serve.log` for 0, `serve.log.1` for 1 … `LOG_KEEP`. */
export function logFile(path: string, age: number): string {
  return age === 0 ? path : `${path}.${age}`;
}

/** Names a file through its renames: rotation changes the path and leaves the inode. */
export function fileKey(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}`;
}

/** A place in the log that stays right while the log rotates. Plain data, to be handed over a wire. */
export interface LogPosition {
  /** Which file, by `fileKey`. */
  file: string;
  /** Bytes from its beginning; where a line begins. */
  offset: number;
}
