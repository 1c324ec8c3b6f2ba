import { spawn } from "node:child_process";
import { basename, join } from "node:path";

const GUARD = join(import.meta.dirname, "fixtures/run-guard.mjs");

/**
 * Starts a process that waits for the end of this one, by whatever signal, and then removes what `run` has left: marked
 * processes, mounted disks, an installed package, directories.
 * @param {string} run the directory of the test run, which is also its mark
 * @returns {() => void} for a run that has cleaned up: the guard looks once more, and ends
 */
export function guardRun(run) {
  // In a session of its own, which the terminal's Ctrl-C does not reach.
  const guard = spawn(process.execPath, [GUARD, run], { detached: true, stdio: ["pipe", "ignore", "inherit"] });
  guard.unref();
  const { stdin } = guard;
  stdin.on("error", () => undefined);
  // Its type does not say that this pipe, too, is a socket.
  if ("unref" in stdin && typeof stdin.unref === "function") stdin.unref();
  return () => void stdin.end();
}

/** Set for a test runner whose standard input the program that started it holds open until its own end. */
export const HELD = "LOCKSTEP_TEST_HELD";

/** Ends this test runner at once when the program that started it ends, by whatever signal; its guard does the rest. */
export function endWithStarter() {
  if (process.env[HELD] === undefined) return;
  process.stdin.once("close", () => process.kill(process.pid, "SIGKILL")).resume();
  process.stdin.unref();
}

/**
 * A file that exists while the run has installed the deb.
 * @param {string} run
 */
export function packageMark(run) {
  return join(run, "package-is-installed");
}

/**
 * The beginning of the paths that the run makes outside of its directory, which only its own user can enter.
 * @param {string} run
 */
export function outsideOf(run) {
  return `/tmp/lsu-${basename(run)}-`;
}
