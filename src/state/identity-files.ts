import { lstatSync, readFileSync, renameSync, rmSync, statSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";

import { parseIdentity, type Identity } from "../version/identity.js";
import type { StatePaths } from "./directory.js";

/** `serve.json`: the daemon's identity for those who cannot ask it, with the start time that proves its pid. */
export interface RecordedDaemon {
  identity: Identity;
  pid: number;
  /** As `processStartTime` of its pid gave it. */
  startTime: string | undefined;
}

/** Writes a file that readers see whole or not at all: a temporary one beside it, then a rename. */
export function writeWhole(path: string, content: string): void {
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, content, { mode: 0o600 });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** `serve.pid`: decimal and a newline, as shells and other daemons expect it. */
export function writePid(paths: StatePaths): void {
  writeWhole(paths.pid, `${process.pid}\n`);
}

/** The pid that `serve.pid` names, for display only: nobody is ever signalled on its word. */
export function readPid(paths: StatePaths): number | undefined {
  const text = readIfThere(paths.pid);
  return text !== undefined && /^\d{1,10}\n?$/.test(text) ? Number(text) : undefined;
}

/** Sets `serve.pid`'s mtime to now: the heartbeat that even a client without a connection can see. */
export function touchPid(paths: StatePaths, at: Date): void {
  utimesSync(paths.pid, at, at);
}

/** Age of the last heartbeat, ms; undefined when there is no `serve.pid`. */
export function heartbeatAgeMs(paths: StatePaths, now: number): number | undefined {
  const found = statSync(paths.pid, { throwIfNoEntry: false });
  return found && Math.max(0, now - found.mtimeMs);
}

export function readRecordedDaemon(paths: StatePaths): RecordedDaemon | undefined {
  const text = readIfThere(paths.identity);
  if (text === undefined) return undefined;
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const identity = parseIdentity(fields["version"], fields);
  if (identity.pid === undefined) return undefined;
  const startTime = fields["startTime"];
  return {
    identity,
    pid: identity.pid,
    startTime: typeof startTime === "string" ? startTime : undefined,
  };
}

/** Unlinks `serve.pid` and `serve.json` if they still name this process: a successor's files are not ours to remove. */
export function unlinkOwnFiles(paths: StatePaths): void {
  if (readPid(paths) === process.pid) unlinkQuietly(paths.pid);
  if (readRecordedDaemon(paths)?.pid === process.pid) unlinkQuietly(paths.identity);
}

/** Unlinks a socket if its inode is still the one that we bound. */
export function unlinkOwnSocket(path: string, inode: bigint): void {
  if (lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino === inode) unlinkQuietly(path);
}

export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already, or the disk became read-only: a successor replaces it by rename anyway.
  }
}
