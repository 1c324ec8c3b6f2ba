import { readProc, runBriefly } from "./system-facts.js";

/** More than any chain of processes has, in case that two reads of a changing one form a circle. */
const MOST = 100;

/** The pids of the processes that this one descends from, the parent first. */
export function ancestors(): number[] {
  const pids: number[] = [];
  for (let pid = process.ppid; pid > 0 && pids.length < MOST; pid = parentOf(pid)) pids.push(pid);
  return pids;
}

function parentOf(pid: number): number {
  if (process.platform === "darwin") return Number(runBriefly("/bin/ps", ["-o", "ppid=", "-p", String(pid)]) ?? 0);
  return Number(/^PPid:\s+(\d+)/m.exec(readProc(`${pid}/status`) ?? "")?.[1] ?? 0);
}
