/** How often the process that started this one is looked for, ms. */
const LOOK_MS = 1_000;

/**
 * Calls back once when the process that started this one has ended. Its end does not show in stdin as long as another
 * child of it, or a grandchild, holds the other end of the pipe. Returns what ends the watch.
 */
export function whenStarterIsGone(callback: () => void): () => void {
  const starter = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === starter) return;
    clearInterval(timer);
    callback();
  }, LOOK_MS);
  return () => clearInterval(timer);
}
