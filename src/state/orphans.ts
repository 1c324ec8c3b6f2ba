import { setTimeout as delay } from "node:timers/promises";

import type { StatePaths } from "./directory.js";
import { readIfThere, writeWhole } from "./whole-file.js";
import { processStartTime } from "./platform/processes.js";

/** A hosted server's process in `children.json`, from which the next daemon ends what a crash left behind. */
export interface RecordedChild {
  name: string;
  pid: number;
  /** Its process group; a hosted child leads its own, so it equals `pid`. */
  pgid: number;
  startTime: string;
}

/** How long an orphan has to end between SIGTERM and SIGKILL, ms: its stdin was closed when its daemon died. */
const ORPHAN_GRACE_MS = 2_000;
const ORPHAN_POLL_MS = 50;

/** Writes `children.json`. Throws if it cannot write. */
export function writeChildren(paths: StatePaths, children: readonly RecordedChild[]): void {
  writeWhole(paths.children, `${JSON.stringify(children)}\n`);
}

/**
 * Ends the processes that an earlier daemon of this directory left behind: SIGTERM to each group at once, SIGKILL two
 * seconds later to those that remain. Only a pid with the recorded start time counts, so another process that has got
 * the same pid is left alone. `reaped` is known at once; `gone` resolves when all have ended.
 */
export function reapOrphans(paths: StatePaths): { reaped: RecordedChild[]; gone: Promise<void> } {
  const orphans = readChildren(paths).filter(isAlive);
  for (const orphan of orphans) signalGroup(orphan, "SIGTERM");
  return { reaped: orphans, gone: waitUntilGone(orphans) };
}

async function waitUntilGone(orphans: RecordedChild[]): Promise<void> {
  let left = orphans;
  for (let waited = 0; left.length > 0 && waited < ORPHAN_GRACE_MS; waited += ORPHAN_POLL_MS) {
    await delay(ORPHAN_POLL_MS);
    left = left.filter(isAlive);
  }
  for (const orphan of left) signalGroup(orphan, "SIGKILL");
}

function isAlive(child: RecordedChild): boolean {
  return processStartTime(child.pid) === child.startTime;
}

function signalGroup(child: RecordedChild, signal: NodeJS.Signals): void {
  try {
    process.kill(-child.pgid, signal);
  } catch {
    // It has ended since the check.
  }
}

function readChildren(paths: StatePaths): RecordedChild[] {
  const text = readIfThere(paths.children);
  if (text === undefined) return [];
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed.filter(isRecordedChild) : [];
  } catch {
    return [];
  }
}

function isRecordedChild(value: unknown): value is RecordedChild {
  const child = value as Partial<RecordedChild> | null;
  return (
    typeof child?.name === "string" &&
    Number.isSafeInteger(child.pid) &&
    Number.isSafeInteger(child.pgid) &&
    (child.pgid ?? 0) > 1 &&
    typeof child.startTime === "string"
  );
}
