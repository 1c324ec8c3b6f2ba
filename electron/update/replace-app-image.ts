import { chmodSync, closeSync, copyFileSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Replaces the AppImage `old` by `fresh` in one step: a start at any moment gets the old file or the new one, and after
 * an error the old one is unchanged. Returns the path of the new one. The running app keeps the old file's contents.
 */
export function replaceAppImage(fresh: string, old: string): string {
  const destination = join(dirname(old), nameAfterUpdate(basename(old), basename(fresh)));
  chmodSync(fresh, (statSync(old).mode & 0o777) | 0o500);
  flush(fresh);
  try {
    renameSync(fresh, destination);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    moveFromElsewhere(fresh, destination);
  }
  if (destination !== old) rmSync(old, { force: true });
  return destination;
}

/** A name with a version becomes the new file's name; any other was given by the user, and stays. */
export function nameAfterUpdate(old: string, fresh: string): string {
  return /\d+\.\d+\.\d+/.test(old) ? fresh : old;
}

/** A rename works within one file system only, so the file is first copied beside its destination. */
function moveFromElsewhere(fresh: string, destination: string): void {
  const near = join(dirname(destination), `.${basename(destination)}.${process.pid}`);
  try {
    copyFileSync(fresh, near);
    flush(near);
    renameSync(near, destination);
  } catch (error) {
    rmSync(near, { force: true });
    throw error;
  }
  rmSync(fresh, { force: true });
}

/** Without it a crash of the machine could leave an empty file in place of the app. */
function flush(file: string): void {
  const fd = openSync(file, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
