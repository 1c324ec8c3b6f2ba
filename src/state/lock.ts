import { closeSync, fstatSync, openSync, statSync } from "node:fs";

import { DirectoryError, whyOf } from "./directory.js";
import { flockNow } from "./platform/libc.js";

/**
 * An exclusive flock(2), held until `release`, `handOver`'s receiver or this process ends. The file is opened
 * O_CLOEXEC (Node's default) and never deleted: a lock on an unlinked file keeps nobody out.
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

  /** Is the file at our path still the one that we hold? False: somebody removed or replaced it, and others can lock. */
  stillInPlace(): boolean {
    return this.#open && isSameFile(this.fd, this.path);
  }
}

/** Takes the lock now, or says undefined at once. Throws DirectoryError when the file cannot be opened. */
export function tryLock(path: string): FileLock | undefined {
  const fd = openLockFile(path);
  try {
    // A file removed between open and flock would be locked by us alone.
    if (flockNow(fd, "exclusive") && isSameFile(fd, path)) return new FileLock(path, fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  closeSync(fd);
  return undefined;
}

/**
 * Does some process hold this lock? A shared lock is tried, for microseconds and not at all when there is no file, so
 * that askers do not keep each other out.
 */
export function isLocked(path: string): boolean {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw new DirectoryError(`cannot open ${path}: ${whyOf(error)}`, { cause: error });
  }
  try {
    return !flockNow(fd, "shared");
  } finally {
    closeSync(fd);
  }
}

/** Does `fd` stand for the file that `path` names now? */
export function isSameFile(fd: number, path: string): boolean {
  const held = fstatSync(fd, { bigint: true });
  const named = statSync(path, { bigint: true, throwIfNoEntry: false });
  return named !== undefined && named.ino === held.ino && named.dev === held.dev;
}

function openLockFile(path: string): number {
  try {
    return openSync(path, "a+", 0o600);
  } catch (error) {
    throw new DirectoryError(`cannot open ${path}: ${whyOf(error)}`, { cause: error });
  }
}
