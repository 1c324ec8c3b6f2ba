import type { Worker } from "node:worker_threads";

export interface Watchdog {
  /**
   * Ends the watchdog's thread; resolves when it has ended. To be waited for before the process exits: Electron reports an
   * error on stderr, which is the log, when an exit interrupts a thread that is still starting.
   */
  disarm(): Promise<void>;
}

/**
 * Ends this process with SIGKILL after `ms` of awake time, from another thread, and logs that it did. Otherwise a shutdown
 * whose event loop hangs (a stalled file system, an endless loop) would keep the lock that clients wait for. `onFailed`
 * receives the reason if there can be no such thread, for instance too many open files; the shutdown then goes on without.
 */
export async function armWatchdog(ms: number, logPath: string, onFailed: (why: string) => void): Promise<Watchdog> {
  const { Worker } = await import("node:worker_threads");
  try {
    const worker = new Worker(WATCHDOG, { eval: true, workerData: { ms, tickMs: TICK_MS, logPath } });
    worker.on("error", (error) => onFailed(error.message));
    worker.unref();
    const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    return { disarm: () => end(worker, ended) };
  } catch (error) {
    onFailed(error instanceof Error ? error.message : String(error));
    return { disarm: async () => undefined };
  }
}

/** A thread that is still starting gets the message when it has started. */
async function end(worker: Worker, ended: Promise<void>): Promise<void> {
  worker.postMessage("disarm");
  worker.ref();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => (timer = setTimeout(() => resolve("late"), END_MS)));
  if ((await Promise.race([ended, late])) === "late") {
    process.stderr.write(`lockstep: the watchdog's thread did not end within ${END_MS} ms\n`);
  }
  clearTimeout(timer);
}

/** A thread starts within 50 ms; on an overloaded machine it may take many times as long. */
const END_MS = 2_000;
const TICK_MS = 100;

/** Counts ticks, so that a laptop's sleep or SIGSTOP does not use the time up. */
const WATCHDOG = `
const { parentPort, workerData } = require("node:worker_threads");
const { appendFileSync } = require("node:fs");
let left = workerData.ms;
const timer = setInterval(() => {
  left -= workerData.tickMs;
  if (left > 0) return;
  try {
    const at = new Date().toISOString().replace("Z", "+00:00");
    appendFileSync(workerData.logPath, at + " error daemon: the shutdown did not end within " + workerData.ms + " ms; killing the process\\n");
  } finally {
    process.kill(process.pid, "SIGKILL");
  }
}, workerData.tickMs);
parentPort.once("message", () => clearInterval(timer));
`;
