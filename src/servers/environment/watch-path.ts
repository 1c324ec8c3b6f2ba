import { readlinkSync, realpathSync, unwatchFile, watch, watchFile, type FSWatcher } from "node:fs";
import { basename, dirname, resolve } from "node:path";

/**
 * Calls back when the file at `path` is written, replaced, created or removed, or when a symlink on the way to it is led
 * elsewhere: 100 ms after the last such event. Never throws. Returns the function that ends the watch.
 */
export function watchPath(path: string, onChanged: () => void): () => void {
  let quiet: NodeJS.Timeout | undefined;
  let watches = new Map<string, () => void>();
  const follow = (): void => {
    const before = watches;
    watches = new Map(linksOf(path).map((link) => [link, before.get(link) ?? watchDirectory(link, onEvent)]));
    for (const [link, stop] of before) if (!watches.has(link)) stop();
  };
  const onEvent = (): void => {
    follow();
    clearTimeout(quiet);
    quiet = setTimeout(onChanged, QUIET_MS);
    quiet.unref();
  };
  follow();
  return () => {
    clearTimeout(quiet);
    for (const stop of watches.values()) stop();
    watches = new Map();
  };
}

/** The path, each symlink that it leads to, and the file at the end, as far as they exist. */
function linksOf(path: string): string[] {
  const links = [path];
  try {
    for (let next = path; links.length < MAX_LINKS; links.push(next)) next = resolve(dirname(next), readlinkSync(next));
  } catch {
    // No symlink: the end of the way, or nothing is there yet.
  }
  try {
    links.push(realpathSync(path));
  } catch {
    // The file is missing.
  }
  return [...new Set(links)];
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

const QUIET_MS = 100;
const POLL_MS = 2_000;
/** As the kernel's own limit for one path. */
const MAX_LINKS = 40;
