import { chmodSync, closeSync, copyFileSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Puts the AppImage `fresh` in the place of `old`, in one step: whoever starts the file meanwhile gets the one or the
 * other, and where it cannot be done the old one stays as it was. Returns where the new one stands. The running app
 * goes on from the old file's contents.
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

/** A name that tells a version becomes the new one's; any other is the user's own, and stays. Pure. */
export function nameAfterUpdate(old: string, fresh: string): string {
  return /\d+\.\d+\.\d+/.test(old) ? fresh : old;
}

/** A rename works within one file system only, so it is brought there first, beside its destination. */
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

/** Or a crash of the machine could leave an empty file in the place of the app. */
function flush(file: string): void {
  const fd = openSync(file, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
