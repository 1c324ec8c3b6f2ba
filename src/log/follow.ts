import { LogWatch } from "./watch.js";
import type { LogPosition } from "./files.js";
import { LogTail, type OnLines } from "./tail.js";

export interface FollowOptions {
  /** Ends following; the promise then resolves. */
  signal: AbortSignal;
  /** `end`: only new lines. The `end` of a page: the lines after that page, without a gap. */
  from: LogPosition | "start" | "end";
  /** Receives a sentence when following is impaired, for instance when it has to poll. */
  onNotice?: (text: string) => void;
}

/**
 * Passes every line that is added to the log at `path` to `onLines`, in order and exactly once, until `signal` aborts.
 * Follows through rotation and truncation, and waits for a log that does not exist yet. The next lines wait for the
 * promise that `onLines` returns. Rejects if the log cannot be read or `onLines` throws. A rotated file is read to its
 * end once the new one exists; what another program appends to it after that is missed.
 */
export async function followLog(path: string, onLines: OnLines, options: FollowOptions): Promise<void> {
  const { signal, from, onNotice = () => {} } = options;
  // The watch begins before the first read, so that no change is missed in between.
  const watch = new LogWatch(path, onNotice);
  let noticed = false;
  let tail: LogTail | undefined;
  try {
    tail = await LogTail.open(path, from, onNotice);
    while (!signal.aborted) {
      try {
        await tail.read(onLines, signal);
      } catch (error) {
        // Without a free descriptor the next file is opened later; nothing of it has been read yet.
        if (!isOutOfDescriptors(error)) throw error;
        if (!noticed) onNotice(`cannot open the log's next file yet (${String(error)})`);
        noticed = true;
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
