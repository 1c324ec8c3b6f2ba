import { setTimeout as delay } from "node:timers/promises";

import { FileLock, isSameFile, tryLock } from "../state/lock.js";
import { flockNow } from "../state/platform/libc.js";

/** A client that checks whether the lock is taken holds it for microseconds, which is not another daemon. */
const PASSING_CHECK_MS = 500;
const TRY_AGAIN_MS = 10;

/**
 * Takes `daemon.lock` for the life of this process; undefined if another daemon holds it. `inheritedFd`: the descriptor
 * that the client locked before it spawned us, which saves a call into libc here.
 */
export async function holdLifetimeLock(path: string, inheritedFd: number | undefined): Promise<FileLock | undefined> {
  if (inheritedFd !== undefined && isOurs(inheritedFd, path)) return new FileLock(path, inheritedFd);
  for (let waited = 0; waited <= PASSING_CHECK_MS; waited += TRY_AGAIN_MS) {
    const lock = tryLock(path);
    if (lock) return lock;
    await delay(TRY_AGAIN_MS);
  }
  return undefined;
}

/**
 * True if this descriptor really holds the lock, which for an inherited one was only assumed. Taking it again changes
 * nothing if so, and fails if another process holds it.
 */
export function holdsLock(lock: FileLock): boolean {
  return lock.stillInPlace() && flockNow(lock.fd, "exclusive");
}

function isOurs(fd: number, path: string): boolean {
  try {
    return isSameFile(fd, path);
  } catch {
    return false;
  }
}
