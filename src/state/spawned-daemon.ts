import { fstatSync, ftruncateSync, writeSync } from "node:fs";

import type { FileLock } from "./lock.js";
import { processStartTime } from "./platform/processes.js";
import { readIfThere } from "./whole-file.js";

/** The process that a client launched as the daemon, as the client noted it in `restart.lock` right after the launch. */
export interface SpawnedDaemon {
  pid: number;
  startTime: string;
  /** It still runs. */
  alive: boolean;
}

/**
 * Notes a launched process under `restart.lock`, which is held. A client may be interrupted before the daemon listens:
 * by this line the next one knows that a start is under way, and the process that may have to be ended. The result takes
 * the note back, once the start has come to its end and the ledger says what is to be remembered of it.
 */
export function noteSpawned(lock: FileLock, pid: number): () => void {
  const startTime = processStartTime(pid);
  const before = fstatSync(lock.fd).size;
  // The file is open for appending, so the line is written behind what others have written.
  const note = startTime && `${JSON.stringify({ at: new Date().toISOString(), spawned: pid, startTime })}\n`;
  if (note) writeSync(lock.fd, note);
  return () => {
    if (note && lock.isOpen && fstatSync(lock.fd).size === before + note.length) ftruncateSync(lock.fd, before);
  };
}

/** The process that was launched last, from the notes in the file at `path`; undefined if there is none. */
export function readSpawned(path: string): SpawnedDaemon | undefined {
  const lines = (readIfThere(path) ?? "").split("\n");
  const line = lines.findLast((one) => one.includes('"startTime"') && one.startsWith("{"));
  const note = line === undefined ? undefined : parseNote(line);
  return note && { ...note, alive: processStartTime(note.pid) === note.startTime };
}

/** The note itself, or the ledger entry that the client wrote when the daemon listened. */
function parseNote(line: string): { pid: number; startTime: string } | undefined {
  try {
    const { spawned, pid = spawned, startTime } = JSON.parse(line) as Record<string, unknown>;
    return typeof pid === "number" && Number.isSafeInteger(pid) && typeof startTime === "string"
      ? { pid, startTime }
      : undefined;
  } catch {
    return undefined;
  }
}
