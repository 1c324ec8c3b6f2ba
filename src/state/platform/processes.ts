import { readProc, runBriefly } from "./system-facts.js";

/**
 * When a process started, as an opaque text that no later process with the same pid shares; undefined if there is no
 * such process. Linux: boot id and start tick. macOS: the start time that `ps` prints, to the second.
 */
export function processStartTime(pid: number): string | undefined {
  if (process.platform === "darwin") return runBriefly("/bin/ps", ["-o", "lstart=", "-p", String(pid)]);
  const startTicks = ticksAtStart(pid);
  return startTicks === undefined ? undefined : `${bootId()}/${startTicks}`;
}

/** When a process started, epoch ms by the clock as it is set now, to about a second; undefined if unknown. */
export function processStartMs(pid: number): number | undefined {
  if (process.platform === "darwin") {
    const at = Date.parse(runBriefly("/bin/ps", ["-o", "lstart=", "-p", String(pid)]) ?? "");
    return Number.isNaN(at) ? undefined : at;
  }
  const startTicks = ticksAtStart(pid);
  const booted = /^btime (\d+)/m.exec(readProc("stat") ?? "")?.[1];
  if (startTicks === undefined || booted === undefined) return undefined;
  return Number(booted) * 1_000 + (Number(startTicks) * 1_000) / TICKS_PER_SECOND;
}

/** The user that a process runs as; undefined if there is no such process. */
export function processUser(pid: number): number | undefined {
  const text =
    process.platform === "darwin"
      ? runBriefly("/bin/ps", ["-o", "uid=", "-p", String(pid)])
      : /^Uid:\s+\d+\s+(\d+)/m.exec(readProc(`${pid}/status`) ?? "")?.[1];
  return text === undefined ? undefined : Number(text);
}

/** A process's command line, for messages; undefined if the process is gone or belongs to another user. */
export function processCommand(pid: number): string | undefined {
  if (process.platform === "darwin") return runBriefly("/bin/ps", ["-o", "command=", "-p", String(pid)]);
  const line = readProc(`${pid}/cmdline`)?.replaceAll("\0", " ").trim();
  return line === "" ? undefined : line;
}

/** USER_HZ, which is 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Linux: the clock tick after boot at which a process started; undefined if it has ended. */
function ticksAtStart(pid: number): string | undefined {
  const stat = readProc(`${pid}/stat`);
  // The command's name may hold blanks and brackets; the fields after the last `)` are fixed.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return !fields || fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

let cachedBootId: string | undefined;

/** Linux: a text that no other boot of this machine shares. */
export function bootId(): string {
  cachedBootId ??= readProc("sys/kernel/random/boot_id")?.trim() ?? "unknown-boot";
  return cachedBootId;
}
