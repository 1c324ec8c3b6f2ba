import { realpathSync, unwatchFile, watch, watchFile, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";

/**
 * Calls back when the file at `path` is written, replaced, made or removed, once it has been quiet for a moment; of a
 * symlink also when that happens to its target. Never throws. Returns the function that ends the watch.
 */
export function watchPath(path: string, onChanged: () => void): () => void {
  let quiet: NodeJS.Timeout | undefined;
  const onEvent = (): void => {
    clearTimeout(quiet);
    quiet = setTimeout(onChanged, QUIET_MS);
    quiet.unref();
  };
  const stops = [...new Set([path, targetOf(path)])].map((one) => watchDirectory(one, onEvent));
  return () => {
    clearTimeout(quiet);
    for (const stop of stops) stop();
  };
}

/** The directory, since editors and `rename` put another file in the place of the one that a watch would hold on to. */
function watchDirectory(path: string, onEvent: () => void): () => void {
  const name = basename(path);
  let watcher: FSWatcher | undefined;
  let stop = (): void => watcher?.close();
  // Out of inotify instances, of which a user has 128, or the directory was removed.
  const fallBack = (): void => {
    stop();
    watchFile(path, { interval: POLL_MS, persistent: false }, onEvent);
    stop = () => unwatchFile(path, onEvent);
  };
  try {
    watcher = watch(dirname(path), { persistent: false }, (_event, changed) => {
      if (changed === null || changed === name) onEvent();
    });
    watcher.on("error", fallBack);
  } catch {
    fallBack();
  }
  return () => stop();
}

function targetOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

const QUIET_MS = 100;
const POLL_MS = 2_000;
