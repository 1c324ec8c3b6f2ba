import { setTimeout as delay } from "node:timers/promises";

import { readProcessTable, type ProcessEntry, type ProcessTable } from "./platform/process-table.js";
import { processStartTime } from "./platform/processes.js";

/** A hosted server's process with everything that it has started, in whatever group or session that is now. */
export interface Family {
  /** The process that was started, which leads its own session; undefined if it is not known. */
  leader: { pid: number; startTime: string } | undefined;
  /** The text in the environment that all of them inherit; undefined for servers of a daemon that set none. */
  marker: string | undefined;
}

/** The variable in a hosted server's environment by which its descendants are found. No daemon keeps it. */
export const FAMILY_VARIABLE = "_LOCKSTEP_HOSTED";

/** The value of the variable for a server of this state directory. `id` is unique among all that are ever started. */
export function familyValue(dir: string, id: string): string {
  return `${dir}#${id}`;
}

/** The marker of the server that was started with this value. */
export function markerOf(value: string): string {
  return `${FAMILY_VARIABLE}=${value}\0`;
}

/** The common beginning of the markers of all servers of a state directory. */
export function markerOfAll(dir: string): string {
  return `${FAMILY_VARIABLE}=${dir}#`;
}

/**
 * The living members of a family. Each of them is proven: it is the leader with its start time, or holds the marker, or is
 * in the session of such a process, or descends from one. Numbers alone prove nothing, since they are given again.
 */
export function membersOf({ leader, marker }: Family, table: ProcessTable = readProcessTable()): ProcessEntry[] {
  const members = new Map<number, ProcessEntry>();
  const sessions = new Set<number>();
  const add = (entry: ProcessEntry): void => {
    members.set(entry.pid, entry);
    sessions.add(entry.session);
  };
  const own = table.entries.find(({ pid }) => pid === process.pid)?.session;
  const others = table.entries.filter(({ pid, session }) => pid !== process.pid && pid > 1 && session !== own);
  for (const entry of others) {
    const isLeader = entry.pid === leader?.pid && entry.startTime === leader.startTime;
    // Most processes are older, and reading their environments takes most of the time.
    if (leader !== undefined && ticksOf(entry) < ticksOf(leader)) continue;
    if (isLeader || (marker !== undefined && table.environmentHolds(entry.pid, marker))) add(entry);
  }
  for (let before = -1; before !== members.size;) {
    before = members.size;
    for (const entry of others) {
      if (!members.has(entry.pid) && (sessions.has(entry.session) || members.has(entry.parent))) add(entry);
    }
  }
  return [...members.values()];
}

/** Signals those that still are the processes that were found. */
export function signalMembers(members: readonly ProcessEntry[], signal: NodeJS.Signals): void {
  for (const { pid, startTime } of members) {
    try {
      if (processStartTime(pid) === startTime) process.kill(pid, signal);
    } catch {
      // It has ended since.
    }
  }
}

/**
 * Ends what is left of a family: SIGTERM, SIGKILL after `graceMs` to those that remain, and to those that they start
 * meanwhile. Resolves with the members that even survived that, as a process in a system call that hangs does.
 */
export async function endFamily(family: Family, graceMs: number): Promise<ProcessEntry[]> {
  let left = membersOf(family);
  signalMembers(left, "SIGTERM");
  for (let waited = 0; left.length > 0 && waited < graceMs; waited += POLL_MS) {
    await delay(POLL_MS);
    left = left.filter(isAlive);
    if (left.length === 0) left = membersOf(family);
  }
  for (let waited = 0; left.length > 0 && waited < KILLED_MS; waited += POLL_MS) {
    signalMembers(left, "SIGKILL");
    await delay(POLL_MS);
    left = membersOf(family);
  }
  return left;
}

/** Linux: the clock tick at which it started. Elsewhere NaN, which is neither more nor less than any other. */
function ticksOf({ startTime }: { startTime: string }): number {
  return Number(startTime.slice(startTime.indexOf("/") + 1));
}

function isAlive({ pid, startTime }: ProcessEntry): boolean {
  return processStartTime(pid) === startTime;
}

const POLL_MS = 25;
/** How long processes may take to end after SIGKILL. */
const KILLED_MS = 1_000;
