import { readdirSync, readFileSync } from "node:fs";

import { bootId } from "./processes.js";
import { runBriefly } from "./system-facts.js";

/** A living process, at the moment of a look at all of them. */
export interface ProcessEntry {
  pid: number;
  parent: number;
  /** The session; on macOS, which shows none, the process group. Its number is not given again while a member lives. */
  session: number;
  /** As `processStartTime` has it. */
  startTime: string;
}

export interface ProcessTable {
  entries: ProcessEntry[];
  /**
   * True if the environment that a process was started with holds this text, in which `\0` ends a variable. False for a
   * process of another user, and for one that has overwritten it, as Chromium's helpers do.
   */
  environmentHolds(pid: number, text: string): boolean;
}

/** All living processes; zombies are left out. Takes some 20 µs for each on Linux, on macOS the run of `ps`. */
export function readProcessTable(): ProcessTable {
  return process.platform === "darwin" ? tableOfPs() : tableOfProc();
}

function tableOfProc(): ProcessTable {
  const entries: ProcessEntry[] = [];
  for (const name of readdirSync("/proc")) {
    const first = name.charCodeAt(0);
    if (first < 0x31 || first > 0x39) continue;
    const entry = readStat(Number(name));
    if (entry !== undefined) entries.push(entry);
  }
  return {
    entries,
    environmentHolds: (pid, text) => {
      try {
        return startsVariable(readFileSync(`/proc/${pid}/environ`, "latin1"), latin1(text));
      } catch {
        return false;
      }
    },
  };
}

function readStat(pid: number): ProcessEntry | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined; // It ended in between.
  }
  // The command's name may hold blanks and brackets; the fields after the last `)` are fixed.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state = "X", parent, , session] = fields;
  if (state === "Z" || state === "X") return undefined;
  return { pid, parent: Number(parent), session: Number(session), startTime: `${bootId()}/${fields[19] ?? ""}` };
}

/** `ps -E` appends the environment to the command, with blanks between the variables. */
function tableOfPs(): ProcessTable {
  const entries: ProcessEntry[] = [];
  const environments = new Map<number, string>();
  const lines = runBriefly("/bin/ps", ["-axEww", "-o", "pid=,ppid=,pgid=,stat=,lstart=,command="])?.split("\n") ?? [];
  for (const line of lines) {
    const found = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+)\s(.*)$/.exec(line);
    if (found === null || found[4]?.startsWith("Z")) continue;
    const [, pid, parent, session, , startTime = "", command = ""] = found;
    entries.push({ pid: Number(pid), parent: Number(parent), session: Number(session), startTime });
    environments.set(Number(pid), command);
  }
  return {
    entries,
    environmentHolds: (pid, text) => `${environments.get(pid) ?? ""} `.includes(` ${text.replace("\0", " ")}`),
  };
}

function startsVariable(environment: string, text: string): boolean {
  return environment.startsWith(text) || environment.includes(`\0${text}`);
}

/** Each byte as one character, as the files below /proc are read. */
function latin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}
