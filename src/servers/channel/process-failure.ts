import { statSync } from "node:fs";

import type { ServerExit } from "../../log/breadcrumbs.js";

/** How a process ended, as the end of "the server …". */
export function describeExit(exit: ServerExit): string {
  return "code" in exit ? `exited with code ${exit.code}` : `was ended by ${exit.signal}`;
}

/** Why a program could not be started, as the end of "could not be started: ". */
export function describeSpawnError(
  error: Error,
  { command, cwd, env }: { command: string; cwd: string; env: Record<string, string> },
): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT" && statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    return `its working directory ${cwd} does not exist`;
  }
  if (code === "ENOENT" && /\s\S/.test(command)) {
    return `there is no program called "${command}". Arguments belong in "args": {"command": "npx", "args": ["-y", …]}`;
  }
  if (code === "ENOENT" && command.includes("/")) return `the program ${command} does not exist`;
  if (code === "ENOENT") {
    return `the program "${command}" was not found. Install it, or give its full path. The PATH was ${env["PATH"] ?? "(unset)"}`;
  }
  if (code === "EAGAIN") return "the user may have no more processes or threads (EAGAIN). See ulimit -u";
  if (code === "ENOMEM") return "the system has no memory left for another process (ENOMEM)";
  if (code === "EMFILE" || code === "ENFILE") return `too many files are open (${code}). See ulimit -n`;
  if (code === "EACCES") return `${command} is not executable`;
  return error.message;
}
