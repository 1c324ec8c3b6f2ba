import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";

/** In the environment of every process that the tests start, directly or through a daemon. */
export const MARK = "LOCKSTEP_TEST_RUN";

export interface MarkedProcess {
  pid: number;
  command: string;
}

/** Living processes with the mark of `run`, except the test runner's own. */
export function markedProcesses(run: string): MarkedProcess[] {
  const found = process.platform === "linux" ? fromProc(`${MARK}=${run}`) : fromPs(`${MARK}=${run}`);
  return found.filter(({ pid, command }) => pid !== process.pid && !isRunner(command));
}

function isRunner(command: string): boolean {
  return /node_modules\/(vitest|vite|@esbuild|esbuild)\//.test(command);
}

function fromProc(mark: string): MarkedProcess[] {
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

/** macOS: ps shows the environment of one's own processes after their command. */
function fromPs(mark: string): MarkedProcess[] {
  const lines = execFileSync("ps", ["-Eww", "-axo", "pid=,command="], { encoding: "utf8" }).split("\n");
  return lines
    .filter((line) => line.split(" ").includes(mark))
    .map((line) => ({ pid: Number.parseInt(line, 10), command: line.trim().replace(/^\d+ /, "").slice(0, 200) }));
}
