import { futimesSync, statSync } from "node:fs";

import { tryLock, type FileLock } from "../../state/lock.js";
import type { DaemonSpec, WatchedDaemon } from "../spec/daemon-spec.js";

/** For this long, ms, a client that has taken `restart.lock` is assumed to be at work under it. */
const AT_WORK_MS = 1_000;

/** Takes `restart.lock`, without waiting. Undefined: another process holds it. Its mtime is the time it was taken at. */
export function tryRestartLock(spec: DaemonSpec): FileLock | undefined {
  const lock = tryLock(spec.paths.restartLock);
  if (lock) setTime(lock, new Date());
  return lock;
}

/** Releases the lock, and sets its mtime back, so that other clients try for it at once. */
export function releaseRestartLock(lock: FileLock): void {
  if (lock.isOpen) setTime(lock, 0);
  lock.release();
}

/** The time only saves other clients a try for the lock, so a file system that refuses it changes nothing else. */
function setTime(lock: FileLock, time: Date | 0): void {
  try {
    futimesSync(lock.fd, time, time);
  } catch {
    // ESTALE or EPERM, on a network file system.
  }
}

/**
 * True when a client took `restart.lock` within the last second, so that a try for it would fail. A client that waits
 * then need not load koffi: with 200 clients, 10 ms each would be most of the work. The kernel's list of locks would be
 * exact, but reading it takes 15 ms and blocks every flock on the machine meanwhile.
 */
export function isRestartUnderWay(spec: WatchedDaemon): boolean {
  const found = statSync(spec.paths.restartLock, { throwIfNoEntry: false });
  const age = found ? Date.now() - found.mtimeMs : Infinity;
  return age >= 0 && age < AT_WORK_MS;
}
