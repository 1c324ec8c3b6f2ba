import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";

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
const KEPT_LINES = 50;
/** Above this many lines the older ones are dropped. */
const MOST_LINES = 150;

/** The entries in `restart.lock`. Lines that cannot be parsed (another tool's, an incomplete one) are skipped. */
export function readLedger(path: string): LedgerEntry[] {
  return parseLedger(readIfThere(path) ?? "");
}

/**
 * Appends an entry in one write, so that a process that is killed, or a full disk, costs no earlier line; other tools'
 * lines stay as they are. The caller holds the lock. Throws if it cannot write.
 */
export function appendLedger(lock: FileLock, entry: LedgerEntry): void {
  const text = readAll(lock.fd);
  const line = Buffer.from(`${text === "" || text.endsWith("\n") ? "" : "\n"}${JSON.stringify(entry)}\n`);
  try {
    for (let written = 0; written < line.length;) written += writeSync(lock.fd, line, written);
  } catch (error) {
    ftruncateSync(lock.fd, Buffer.byteLength(text));
    throw error;
  }
  const lines = text.split("\n").filter((one) => one !== "");
  if (lines.length >= MOST_LINES) dropOldest([...lines.slice(1 - KEPT_LINES), JSON.stringify(entry)], lock);
}

/**
 * Rewrites the file in place, since its inode carries the lock. Killed in between, it leaves old lines behind the new ones,
 * which are then read once. The lock's own descriptor can only append.
 */
function dropOldest(kept: readonly string[], lock: FileLock): void {
  const fd = openSync(lock.path, "r+");
  try {
    if (!lock.stillInPlace()) return;
    const text = Buffer.from(kept.map((line) => `${line}\n`).join(""));
    for (let written = 0; written < text.length;) {
      written += writeSync(fd, text, written, text.length - written, written);
    }
    ftruncateSync(fd, text.length);
  } finally {
    closeSync(fd);
  }
}

function readAll(fd: number): string {
  const content = Buffer.alloc(fstatSync(fd).size);
  const bytes = readSync(fd, content, 0, content.length, 0);
  return content.toString("utf8", 0, bytes);
}

/** Restarts for drift in the window that ends at `now`; requested ones do not count. */
export function recentDriftRestarts(entries: LedgerEntry[], now: number): LedgerEntry[] {
  return entries.filter(({ did, why, at, tookMs }) => {
    // From its end: slow restarts that follow each other without a pause are no less of a war.
    const age = now - Date.parse(at) - tookMs;
    return did === "restart" && isDrift(why) && age >= 0 && age < RESTART_WINDOW_MS;
  });
}

function parseLedger(text: string): LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  for (const line of new Set(text.split("\n"))) {
    const entry = line.startsWith("{") ? parseEntry(line) : undefined;
    if (entry) entries.push(entry);
  }
  return entries;
}

/** Other tools may write to the ledger, too. What their lines lack is filled in, so that they count all the same. */
function parseEntry(line: string): LedgerEntry | undefined {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const { at, did, why, reason, prev, prevPid, now, pid, startTime, tookMs } = fields;
  if (typeof at !== "string" || Number.isNaN(Date.parse(at)) || typeof why !== "string") return undefined;
  if (did !== "start" && did !== "restart") return undefined;
  const by = (typeof fields["by"] === "object" ? (fields["by"] ?? {}) : {}) as Record<string, unknown>;
  return {
    at,
    did,
    why: why as LedgerEntry["why"],
    ...(typeof reason === "string" && { reason }),
    ...(typeof prev === "string" && { prev }),
    ...(typeof prevPid === "number" && { prevPid }),
    now: textOr(now, "an unknown version"),
    pid: numberOr(pid, 0),
    ...(typeof startTime === "string" && { startTime }),
    by: { role: textOr(by["role"], "another program"), pid: numberOr(by["pid"], 0), root: textOr(by["root"], "") },
    tookMs: Math.max(0, numberOr(tookMs, 0)),
  };
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isFinite(value) ? value : otherwise;
}
