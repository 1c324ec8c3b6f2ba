import { closeSync, fstatSync, openSync, statSync } from "node:fs";

import { DirectoryError } from "./directory.js";
import { fileErrorText } from "./file-error.js";
import { flockNow } from "./platform/libc.js";

/**
 * An exclusive flock(2), held until `release`, or until this process and every other with a copy of the descriptor have
 * ended. The file is opened O_CLOEXEC (Node's default) and never deleted: a lock on a removed file excludes no process.
 */
export class FileLock {
  readonly path: string;
  readonly fd: number;
  #open = true;

  constructor(path: string, fd: number) {
    this.path = path;
    this.fd = fd;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  release(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.fd);
  }

  /** False if the file at the path was removed or replaced, so that another process can lock the new one. */
  stillInPlace(): boolean {
    return this.#open && isSameFile(this.fd, this.path);
  }
}

/** Takes the lock without waiting; undefined if it is taken. Throws DirectoryError if the file cannot be opened. */
export function tryLock(path: string): FileLock | undefined {
  const fd = openLockFile(path);
  try {
    // A lock on a file that was removed between open and flock would exclude no process.
    if (flockNow(fd, "exclusive") && isSameFile(fd, path)) return new FileLock(path, fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  closeSync(fd);
  return undefined;
}

/**
 * True if a process holds this lock. Takes a shared lock for some microseconds, so that concurrent checks do not exclude
 * each other; a missing file is not created.
 */
export function isLocked(path: string): boolean {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw new DirectoryError(`cannot open ${path}: ${fileErrorText(error)}`, { cause: error });
  }
  try {
    return !flockNow(fd, "shared");
  } finally {
    closeSync(fd);
  }
}

/** True if `fd` is open on the file that `path` names now. */
export function isSameFile(fd: number, path: string): boolean {
  const held = fstatSync(fd, { bigint: true });
  const named = statSync(path, { bigint: true, throwIfNoEntry: false });
  return named !== undefined && named.ino === held.ino && named.dev === held.dev;
}

function openLockFile(path: string): number {
  try {
    return openSync(path, "a+", 0o600);
  } catch (error) {
    throw new DirectoryError(`cannot open ${path}: ${fileErrorText(error)}`, { cause: error });
  }
}
