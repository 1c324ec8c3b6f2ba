import { realpathSync, unwatchFile, watch, watchFile, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";

/**
 * Calls back when the file at `path`, or the target of a symlink there, is written, replaced, created or removed: 100 ms
 * after the last such event. Never throws. Returns the function that ends the watch.
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

/** Watches the directory: editors and `rename` replace the file, and a watch of the file itself would stay with the old one. */
function watchDirectory(path: string, onEvent: () => void): () => void {
  const name = basename(path);
  let watcher: FSWatcher | undefined;
  let stop = (): void => watcher?.close();
  // The user is out of inotify instances (128 by default), or the directory was removed.
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
