import { LogWatch } from "./watch.js";
import type { LogPosition } from "./files.js";
import { LogTail, type OnLines } from "./tail.js";

export interface FollowOptions {
  /** Ends the following; the promise then resolves. */
  signal: AbortSignal;
  /** `end`: only lines from now on. A page's `end` goes on from that page without a gap. */
  from: LogPosition | "start" | "end";
  /** Told, in words, when following goes on in a lesser way, such as polling. */
  onNotice?: (text: string) => void;
}

/**
 * Hands every line that is added to the log at `path` to `onLines`, in order, each exactly once, until `signal` aborts.
 * Survives rotation, truncation and a log that is not there yet. The next lines wait for the promise that `onLines`
 * returns. Rejects when the log cannot be read or `onLines` throws. A rotated file is read to its end when the new one
 * is there; what a foreign process appends to it still later goes unheard.
 */
export async function followLog(path: string, onLines: OnLines, options: FollowOptions): Promise<void> {
  const { signal, from, onNotice = () => {} } = options;
  // Watch before the first look, so that nothing falls in between.
  const watch = new LogWatch(path, onNotice);
  let saidWaiting = false;
  let tail: LogTail | undefined;
  try {
    tail = await LogTail.open(path, from, onNotice);
    while (!signal.aborted) {
      try {
        await tail.read(onLines, signal);
      } catch (error) {
        // With no descriptor free the next file has to wait, and can: nothing was read of it yet.
        if (!isOutOfDescriptors(error)) throw error;
        if (!saidWaiting) onNotice(`cannot open the log's next file yet (${String(error)})`);
        saidWaiting = true;
      }
      await watch.wait(signal);
    }
  } finally {
    watch.close();
    await tail?.close();
  }
}

function isOutOfDescriptors(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "EMFILE" || code === "ENFILE";
}
