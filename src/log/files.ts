import type { BigIntStats } from "node:fs";

/** How many rotated files are kept beside the current one. */
export const LOG_KEEP = 3;

/** The log's file of a given age: `serve.log` for 0, `serve.log.1` for 1 … `LOG_KEEP`. */
export function logFile(path: string, age: number): string {
  return age === 0 ? path : `${path}.${age}`;
}

/** Identifies a file across renames: rotation changes its path and leaves its inode. */
export function fileKey(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}`;
}

/** A position in the log that stays valid while the log rotates. Plain data, so that it can be sent to a window. */
export interface LogPosition {
  /** Which file, by `fileKey`. */
  file: string;
  /** Bytes from the beginning of that file to the beginning of a line. */
  offset: number;
}
