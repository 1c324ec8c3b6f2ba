import { renameSync, rmSync } from "node:fs";

import { exchangeNames } from "../state/platform/libc.js";

/**
 * Puts the directory `fresh` at `target`, and what was there at `fresh`. Atomic if the file system supports it: a file
 * opened below `target` meanwhile is the old one or the new one, and a crash leaves one of the two. Otherwise `target` is
 * missing for a moment, and after a crash until it is staged again. `target` must exist, on the same file system.
 */
export function exchangeDirectories(fresh: string, target: string): void {
  if (exchangeNames(fresh, target)) return;
  const aside = asideOf(fresh);
  // Left by a crash between the renames; a directory with content cannot be renamed onto.
  rmSync(aside, { recursive: true, force: true });
  renameSync(target, aside);
  renameSync(fresh, target);
  renameSync(aside, fresh);
}

/** Where the old directory is for a moment, and after a crash until the next exchange. */
export function asideOf(fresh: string): string {
  return `${fresh}.old`;
}
