import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";

/** In the environment of every process that the tests start, directly or through a daemon: the run's directory. */
export const MARK = "LOCKSTEP_TEST_RUN";

/** @typedef {{ pid: number, command: string }} MarkedProcess */

/**
 * Living processes with the mark of `run`.
 * @param {string} run
 * @returns {MarkedProcess[]}
 */
export function markedProcesses(run) {
  return process.platform === "linux" ? fromProc(`${MARK}=${run}`) : fromPs(`${MARK}=${run}`);
}

/** @param {string} mark @returns {MarkedProcess[]} */
function fromProc(mark) {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // A zombie has no environment, so a process that is found here is alive.
        if (!readFileSync(`/proc/${name}/environ`, "utf8").split("\0").includes(mark)) return [];
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0").join(" ").trim();
        return [{ pid: Number(name), command }];
      } catch {
        // It has ended meanwhile, or belongs to another user.
        return [];
      }
    });
}

/** macOS: ps shows the environment of one's own processes after their command. @param {string} mark @returns {MarkedProcess[]} */
function fromPs(mark) {
  const lines = execFileSync("ps", ["-Eww", "-axo", "pid=,command="], { encoding: "utf8" }).split("\n");
  return lines
    .filter((line) => line.split(" ").includes(mark))
    .map((line) => ({ pid: Number.parseInt(line, 10), command: line.trim().replace(/^\d+ /, "").slice(0, 200) }));
}
