import { statSync } from "node:fs";
import { hostname } from "node:os";

import { parseIdentity, type Identity } from "../version/identity.js";
import type { StatePaths } from "./directory.js";
import { processStartTime } from "./platform/processes.js";
import { readIfThere } from "./whole-file.js";

/** What `serve.json` says: the daemon's identity, with the start time that proves its pid. */
export interface RecordedDaemon {
  identity: Identity;
  pid: number;
  /** `processStartTime` of the pid. */
  startTime: string | undefined;
  /** The name of its machine; undefined from an older daemon. */
  host: string | undefined;
  /** Epoch ms by which a draining daemon has answered its running calls. Undefined for one that is not draining. */
  deadlineMs: number | undefined;
}

/** Reads `serve.json`, for clients that cannot ask the daemon; undefined if it is missing or names no pid. */
export function readRecordedDaemon(paths: StatePaths): RecordedDaemon | undefined {
  const text = readIfThere(paths.identity);
  const fields = text === undefined ? undefined : parseFields(text);
  if (!fields) return undefined;
  const identity = parseIdentity(fields["version"], fields);
  if (identity.pid === undefined) return undefined;
  const { startTime, deadlineMs, host } = fields;
  return {
    identity,
    pid: identity.pid,
    startTime: typeof startTime === "string" ? startTime : undefined,
    host: typeof host === "string" && host !== "" ? host : undefined,
    deadlineMs: fields["state"] === "draining" && Number.isFinite(deadlineMs) ? (deadlineMs as number) : undefined,
  };
}

/** True while the process that wrote the record runs: the start time distinguishes it from a later one with its pid. */
export function isRecordedAlive({ pid, startTime }: RecordedDaemon): boolean {
  return startTime !== undefined && processStartTime(pid) === startTime;
}

/**
 * The machine of a recorded daemon that does not run on this one, for messages only: the name of this one may have changed
 * since. Its pid says nothing here. Undefined if it runs here, or is not known to belong elsewhere.
 */
export function otherHostOf(recorded: RecordedDaemon): string | undefined {
  return recorded.host === hostname() || isRecordedAlive(recorded) ? undefined : recorded.host;
}

/** Time since the last heartbeat, ms: the mtime of `serve.pid`. Undefined if there is no such file. */
export function heartbeatAgeMs(paths: StatePaths, now: number): number | undefined {
  const found = statSync(paths.pid, { throwIfNoEntry: false });
  return found && Math.max(0, now - found.mtimeMs);
}

function parseFields(text: string): Record<string, unknown> | undefined {
  try {
    const fields: unknown = JSON.parse(text);
    return typeof fields === "object" && fields !== null ? (fields as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
