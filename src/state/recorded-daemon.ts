import { statSync } from "node:fs";

import { parseIdentity, type Identity } from "../version/identity.js";
import type { StatePaths } from "./directory.js";
import { readIfThere } from "./whole-file.js";

/** What `serve.json` says: the daemon's identity, with the start time that proves its pid. */
export interface RecordedDaemon {
  identity: Identity;
  pid: number;
  /** `processStartTime` of the pid. */
  startTime: string | undefined;
}

/** Reads `serve.json`, for clients that cannot ask the daemon; undefined if it is missing or names no pid. */
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
  return { identity, pid: identity.pid, startTime: typeof startTime === "string" ? startTime : undefined };
}

/** Time since the last heartbeat, ms: the mtime of `serve.pid`. Undefined if there is no such file. */
export function heartbeatAgeMs(paths: StatePaths, now: number): number | undefined {
  const found = statSync(paths.pid, { throwIfNoEntry: false });
  return found && Math.max(0, now - found.mtimeMs);
}
