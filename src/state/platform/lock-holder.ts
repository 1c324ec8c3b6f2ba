import { statSync } from "node:fs";

import { processCommand } from "./processes.js";
import { readProc, runBriefly } from "./system-facts.js";

/** The process that took the flock on `file`, for messages only: it may have passed the lock on since. */
export function lockHolder(file: string): number | undefined {
  return process.platform === "darwin" ? holderByLsof(file) : holderByProc(file);
}

/** That process for messages, `PID 812 (lockstep restart)`; undefined if it is unknown. */
export function lockHolderText(file: string): string | undefined {
  const pid = lockHolder(file);
  return pid === undefined ? undefined : `PID ${pid} (${processCommand(pid) ?? "already gone"})`;
}

function holderByProc(file: string): number | undefined {
  const locks = readProc("locks");
  const inode = inodeOf(file);
  if (locks === undefined || inode === undefined) return undefined;
  for (const line of locks.split("\n")) {
    const held = /^\d+: FLOCK\s+ADVISORY\s+WRITE\s+(\d+)\s+[0-9a-f]+:[0-9a-f]+:(\d+)\s/.exec(line);
    if (held && held[2] === inode && Number(held[1]) > 0) return Number(held[1]);
  }
  return undefined;
}

function holderByLsof(file: string): number | undefined {
  const first = runBriefly("/usr/sbin/lsof", ["-t", file])?.split("\n")[0];
  return first === undefined ? undefined : Number(first);
}

function inodeOf(file: string): string | undefined {
  try {
    return String(statSync(file, { bigint: true }).ino);
  } catch {
    return undefined;
  }
}
