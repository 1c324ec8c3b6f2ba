import { setTimeout as delay } from "node:timers/promises";

import { FileLock, isSameFile, tryLock } from "../state/lock.js";
import { flockNow } from "../state/platform/libc.js";

/** A client that asks whether the lock is taken holds it for microseconds; a daemon must not take that for a rival. */
const PASSING_ASKER_MS = 500;
const TRY_AGAIN_MS = 10;

/**
 * Holds `daemon.lock` for this process's life. `inheritedFd`: the descriptor that our starter locked and handed over,
 * which costs no call into libc. Undefined: another daemon has it.
 */
export async function holdLifetimeLock(path: string, inheritedFd: number | undefined): Promise<FileLock | undefined> {
  if (inheritedFd !== undefined && isOurs(inheritedFd, path)) return new FileLock(path, inheritedFd);
  for (let waited = 0; waited <= PASSING_ASKER_MS; waited += TRY_AGAIN_MS) {
    const lock = tryLock(path);
    if (lock) return lock;
    await delay(TRY_AGAIN_MS);
  }
  return undefined;
}

/**
 * Is the lock on this descriptor really held by it? An inherited one was believed so far. Taking it again changes
 * nothing if it is, and fails if another process holds it.
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
