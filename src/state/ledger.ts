import { ftruncateSync, readSync, fstatSync, writeSync } from "node:fs";

import { RESTART_WINDOW_MS } from "../version/decide.js";
import { isDrift, type RestartCause, type StartCause } from "../version/restart-cause.js";
import { readIfThere } from "./whole-file.js";
import type { FileLock } from "./lock.js";

/** One line of `restart.lock`: a start or restart that a client made under that lock. */
export interface LedgerEntry {
  /** ISO 8601, UTC. */
  at: string;
  did: "start" | "restart";
  /** `absent` for a start; else why the old daemon was replaced. */
  why: StartCause | RestartCause;
  /** The reason that the user gave. */
  reason?: string;
  /** The old daemon's version and pid, if known. */
  prev?: string;
  prevPid?: number;
  now: string;
  /** The new daemon. */
  pid: number;
  /** `processStartTime` of the pid. */
  startTime?: string;
  by: { role: string; pid: number; root: string };
  /** From the decision to the new daemon's handshake. */
  tookMs: number;
}

/** Enough to see that installations replace each other's daemons, few enough to read at every restart. */
const KEPT_ENTRIES = 50;

/** The entries in `restart.lock`. Lines that cannot be parsed (another tool's, an incomplete one) are skipped. */
export function readLedger(path: string): LedgerEntry[] {
  return parseLedger(readIfThere(path) ?? "");
}

/** Appends an entry. The file is rewritten in place, since its inode carries the lock, which the caller holds. */
export function appendLedger(lock: FileLock, entry: LedgerEntry): void {
  const size = fstatSync(lock.fd).size;
  const content = Buffer.alloc(size);
  readSync(lock.fd, content, 0, size, 0);
  const kept = [...parseLedger(content.toString("utf8")), entry].slice(-KEPT_ENTRIES);
  const lines = kept.map((one) => `${JSON.stringify(one)}\n`).join("");
  ftruncateSync(lock.fd, 0);
  writeSync(lock.fd, lines);
}

/** Restarts for drift in the window that ends at `now`; requested ones do not count. */
export function recentDriftRestarts(entries: LedgerEntry[], now: number): LedgerEntry[] {
  return entries.filter(({ did, why, at, tookMs }) => {
    // From its end: slow restarts that follow each other without a pause are no less of a war.
    const age = now - Date.parse(at) - (Number.isFinite(tookMs) ? tookMs : 0);
    return did === "restart" && isDrift(why) && age >= 0 && age < RESTART_WINDOW_MS;
  });
}

function parseLedger(text: string): LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  for (const line of text.split("\n")) {
    const entry = line.startsWith("{") ? parseEntry(line) : undefined;
    if (entry) entries.push(entry);
  }
  return entries;
}

function parseEntry(line: string): LedgerEntry | undefined {
  try {
    const entry = JSON.parse(line) as Partial<LedgerEntry>;
    const complete =
      typeof entry.at === "string" && !Number.isNaN(Date.parse(entry.at)) && typeof entry.did === "string";
    return complete && typeof entry.why === "string" ? (entry as LedgerEntry) : undefined;
  } catch {
    return undefined;
  }
}
