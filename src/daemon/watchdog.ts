/**
 * Ends this process with SIGKILL after `ms`, from another thread, and logs that it did. Otherwise a shutdown whose event
 * loop hangs (a stalled file system, an endless loop) would keep the lock that clients wait for.
 */
export async function armWatchdog(ms: number, logPath: string): Promise<void> {
  const { Worker } = await import("node:worker_threads");
  const worker = new Worker(WATCHDOG, { eval: true, workerData: { ms, logPath } });
  worker.unref();
}

const WATCHDOG = `
const { workerData } = require("node:worker_threads");
const { appendFileSync } = require("node:fs");
setTimeout(() => {
  try {
    const at = new Date().toISOString().replace("Z", "+00:00");
    appendFileSync(workerData.logPath, at + " error daemon: the shutdown did not end within " + workerData.ms + " ms; killing the process\\n");
  } finally {
    process.kill(process.pid, "SIGKILL");
  }
}, workerData.ms);
`;
