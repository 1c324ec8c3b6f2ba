import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type MarkedProcess, MARK, markedProcesses } from "./marked-processes.js";

/** What a test asked to stop may take this long to be gone once the last test has ended. */
const GRACE_MS = 5_000;
const POLL_MS = 50;
/** Removed by Playwright itself as a rule, but not when its worker has ended before it came to that. */
const PLAYWRIGHTS_OWN = "playwright-artifacts-";

/**
 * Gives the run a home and a temporary directory of its own, and marks every process that comes from it. Afterwards
 * nothing of either may be left: a daemon that outlives its test is a bug in the test, or in Lockstep.
 */
export function setup(): () => Promise<void> {
  // Short, since paths of sockets are.
  const run = mkdtempSync(join(tmpdir(), "lst-"));
  const temp = join(run, "t");
  const home = join(run, "home");
  mkdirSync(temp);
  mkdirSync(home);
  isolateEnvironment(run, home, temp);
  return async () => {
    const processes = await processesLeft(run);
    const files = readdirSync(temp).filter((name) => !name.startsWith(PLAYWRIGHTS_OWN));
    rmSync(run, { recursive: true, force: true, maxRetries: 5 });
    if (processes.length === 0 && files.length === 0) return;
    // vitest reports what a teardown throws, but calls the run a success all the same.
    process.exitCode = 1;
    throw new Error(describe(processes, files));
  };
}

/** The workers are forked after this and inherit it, and so does whatever they start. */
function isolateEnvironment(run: string, home: string, temp: string): void {
  for (const name of Object.keys(process.env)) {
    // npm's variables are there or not, depending on how the tests were started.
    if (/^(npm_|_?LOCKSTEP_|XDG_)/i.test(name)) delete process.env[name];
  }
  // Costs each Node process 45 ms, and the tests talk to nobody outside.
  delete process.env["NODE_EXTRA_CA_CERTS"];
  Object.assign(process.env, {
    HOME: home,
    XDG_CONFIG_HOME: join(home, ".config"),
    XDG_CACHE_HOME: join(home, ".cache"),
    XDG_DATA_HOME: join(home, ".local/share"),
    XDG_STATE_HOME: join(home, ".local/state"),
    TMPDIR: temp,
    LOCKSTEP_DIR: join(home, ".lockstep"),
    [MARK]: run,
  });
}

async function processesLeft(run: string): Promise<MarkedProcess[]> {
  let left = markedProcesses(run);
  for (let waited = 0; left.length > 0 && waited < GRACE_MS; waited += POLL_MS) {
    await delay(POLL_MS);
    left = markedProcesses(run);
  }
  for (const { pid } of left) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it went by itself
    }
  }
  return left;
}

function describe(processes: MarkedProcess[], files: string[]): string {
  const lines = processes.map(({ pid, command }) => `  process ${pid} (killed now): ${command}`);
  return ["The tests left behind:", ...lines, ...files.map((name) => `  in the temporary directory: ${name}`)].join(
    "\n",
  );
}
