import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { endWithStarter, guardRun } from "./guard-run.mjs";
import { MARK, markedProcesses, type MarkedProcess } from "./marked-processes.mjs";
import { onSlowest } from "./fixtures/bounds.js";

/** Processes may take this long to end after the last test. */
const GRACE_MS = onSlowest(5_000);
const POLL_MS = 50;
/** The test runner's own processes. */
const RUNNER = /node_modules\/(vitest|vite|@esbuild|esbuild)\//;
/** Playwright usually removes these, but not when its worker ends first. */
const PLAYWRIGHTS_OWN = "playwright-artifacts-";

/**
 * Gives the run its own home and temporary directory, and marks every process that it starts. Afterwards no process and
 * no file may be left: a daemon that outlives its test is a bug in the test or in Lockstep. A run that is killed is
 * cleaned up by its guard.
 */
export function setup(): () => Promise<void> {
  // Short, since the paths of sockets are limited to about 100 bytes.
  const run = mkdtempSync(join(tmpdir(), "lst-"));
  const runHasEnded = guardRun(run);
  endWithStarter();
  const temp = join(run, "t");
  const home = join(run, "home");
  mkdirSync(temp);
  mkdirSync(home);
  isolateEnvironment(run, home, temp);
  return async () => {
    const processes = await processesLeft(run);
    const files = readdirSync(temp).filter((name) => !name.startsWith(PLAYWRIGHTS_OWN));
    rmSync(run, { recursive: true, force: true, maxRetries: 5 });
    runHasEnded();
    if (processes.length === 0 && files.length === 0) return;
    // vitest reports what a teardown throws, but still exits with 0.
    process.exitCode = 1;
    throw new Error(describe(processes, files));
  };
}

/** The workers are forked afterwards and inherit this environment, and so do the programs they start. */
function isolateEnvironment(run: string, home: string, temp: string): void {
  for (const name of Object.keys(process.env)) {
    // Whether npm's variables are set depends on how the tests were started.
    if (/^(npm_|_?LOCKSTEP_|XDG_)/i.test(name)) delete process.env[name];
  }
  // It costs each Node process 45 ms, and the tests use no network.
  delete process.env["NODE_EXTRA_CA_CERTS"];
  Object.assign(process.env, {
    HOME: home,
    XDG_CONFIG_HOME: join(home, ".config"),
    XDG_CACHE_HOME: join(home, ".cache"),
    XDG_DATA_HOME: join(home, ".local/share"),
    XDG_STATE_HOME: join(home, ".local/state"),
    TMPDIR: temp,
    LOCKSTEP_DIR: join(home, ".lockstep"),
    // Since Node 22 npm would keep its compiled code in the temporary directory.
    NODE_DISABLE_COMPILE_CACHE: "1",
    [MARK]: run,
  });
}

async function processesLeft(run: string): Promise<MarkedProcess[]> {
  const look = (): MarkedProcess[] => markedProcesses(run).filter(({ command }) => !RUNNER.test(command));
  let left = look();
  for (let waited = 0; left.length > 0 && waited < GRACE_MS; waited += POLL_MS) {
    await delay(POLL_MS);
    left = look();
  }
  for (const { pid } of left) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
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
