import { existsSync } from "node:fs";

/**
 * A way to run `command` that works also if that is this process's own program and was removed from the disk, as by an
 * upgrade of Node beneath a daemon. Linux keeps the program for as long as it runs; elsewhere it is `node` on the PATH of
 * the child. Every other command is returned as it is, whether or not it exists.
 */
export function existingProgram(command: string): string {
  // Linux shows a removed program in this way.
  const own = process.execPath.replace(/ \(deleted\)$/, "");
  if (command !== own || existsSync(command)) return command;
  return process.platform === "linux" ? "/proc/self/exe" : "node";
}
