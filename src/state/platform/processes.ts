import { readProc, runBriefly } from "./system-facts.js";

/**
 * When a process started, as an opaque text that no later process with the same pid shares; undefined if there is no
 * such process. Linux: boot id and start tick. macOS: the start time that `ps` prints, to the second.
 */
export function processStartTime(pid: number): string | undefined {
  if (process.platform === "darwin") return runBriefly("/bin/ps", ["-o", "lstart=", "-p", String(pid)]);
  const stat = readProc(`${pid}/stat`);
  // The command's name may hold blanks and brackets; the fields after the last `)` are fixed.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const startTicks = fields?.[19];
  if (!fields || startTicks === undefined || fields[0] === "Z" || fields[0] === "X") return undefined;
  return `${bootId()}/${startTicks}`;
}

/** A process's command line, for messages; undefined if the process is gone or belongs to another user. */
export function processCommand(pid: number): string | undefined {
  if (process.platform === "darwin") return runBriefly("/bin/ps", ["-o", "command=", "-p", String(pid)]);
  const line = readProc(`${pid}/cmdline`)?.replaceAll("\0", " ").trim();
  return line === "" ? undefined : line;
}

let cachedBootId: string | undefined;

/** Linux: a text that no other boot of this machine shares. */
export function bootId(): string {
  cachedBootId ??= readProc("sys/kernel/random/boot_id")?.trim() ?? "unknown-boot";
  return cachedBootId;
}
