import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;
/** Places in /proc/PID/stat, counted from the state that follows the name. */
const PARENT = 1;
const TIMES = [11, 12, 13, 14] as const;

/** A process and all its descendants. Linux only. */
export function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : undefined;
    if (stat) parents.set(Number(name), Number(stat[PARENT]));
  }
  const tree = [root];
  // The list grows while it is walked.
  for (const pid of tree) for (const [child, parent] of parents) if (parent === pid) tree.push(child);
  return tree;
}

/** Memory in MB; the share of each process in common pages is counted, so the sum counts them once. */
export function memoryOf(pids: readonly number[]): number {
  const kilobytes = pids.map((pid) => Number(/^Pss:\s+(\d+)/m.exec(read(pid, "smaps_rollup") ?? "")?.[1] ?? 0));
  return sum(kilobytes) / 1024;
}

/** Seconds of CPU so far, including those of children that have ended. */
export function cpuSecondsOf(pids: readonly number[]): number {
  const ticks = pids.map((pid) => sum(TIMES.map((place) => Number(statOf(pid)?.[place] ?? 0))));
  return sum(ticks) / TICKS_PER_SECOND;
}

function statOf(pid: number): string[] | undefined {
  const stat = read(pid, "stat");
  // The name before it may hold anything, blanks and parentheses too.
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** Undefined when the process has ended meanwhile. */
function read(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
