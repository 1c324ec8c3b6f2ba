// The programs beside Node that running or testing needs, and how each system installs them.
import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * @typedef {"check" | "start" | "test"} Purpose
 * @typedef {{ command: string, debian: string, brew: string, neededFor: Purpose[], why: string, optional?: boolean,
 *   fits?: (path: string) => boolean }} SystemProgram
 */

/** @type {SystemProgram[]} */
const PROGRAMS = [
  {
    command: "nc",
    debian: "netcat-openbsd",
    brew: "netcat",
    neededFor: ["test"],
    why: "speaks to the daemon's socket as a foreign program",
    // netcat-traditional is called nc too, and knows no Unix sockets.
    fits: (path) => process.platform !== "linux" || !realpathSync(path).endsWith("nc.traditional"),
  },
  {
    command: "flock",
    debian: "util-linux",
    brew: "flock",
    neededFor: ["test"],
    why: "takes the daemon's locks as a foreign program",
  },
];

/** @param {Purpose} purpose */
export function missingPrograms(purpose) {
  return PROGRAMS.filter(({ neededFor }) => neededFor.includes(purpose)).filter(({ command, fits }) => {
    const path = onPath(command);
    return path === undefined || fits?.(path) === false;
  });
}

/** @param {string} command */
export function onPath(command) {
  for (const dir of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(dir, command);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not here
    }
  }
  return undefined;
}
