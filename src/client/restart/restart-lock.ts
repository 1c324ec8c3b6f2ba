import { futimesSync, statSync } from "node:fs";

import { deadline, type Deadline } from "../../wire/deadline.js";
import { tryLock, type FileLock } from "../../state/lock.js";
import { lockHolderText } from "../../state/platform/lock-holder.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import { LifecycleError } from "../lifecycle-errors.js";
import { jittered } from "../connect/jittered.js";
import { reportIfSlow, type Progress } from "../progress.js";

/** How long another process may hold `restart.lock` before we give up, ms of awake time: one whole restart and more. */
export const LOCK_BOUND_MS = 90_000;

/** For so long, ms, whoever took `restart.lock` last is believed to be at work under it. */
const AT_WORK_MS = 1_000;

/** Takes `restart.lock` now, or says undefined at once. Its mtime then tells the others that somebody is at work. */
export function tryRestartLock(spec: DaemonSpec): FileLock | undefined {
  const lock = tryLock(spec.paths.restartLock);
  if (lock) futimesSync(lock.fd, new Date(), new Date());
  return lock;
}

/** Gives it back, and takes the sign down. */
export function releaseRestartLock(lock: FileLock): void {
  if (lock.isOpen) futimesSync(lock.fd, 0, 0);
  lock.release();
}

/**
 * Did somebody take `restart.lock` only just? Then there is no use in trying for it, and a client that waits need not
 * even load koffi: with 200 of them, its 10 ms each would be most of the work. The kernel's own list of locks would
 * say it for sure, but to read that takes 15 ms and stops every flock on the machine meanwhile.
 */
export function isRestartUnderWay(spec: DaemonSpec): boolean {
  const found = statSync(spec.paths.restartLock, { throwIfNoEntry: false });
  const age = found ? Date.now() - found.mtimeMs : Infinity;
  return age >= 0 && age < AT_WORK_MS;
}

/** Waits for `restart.lock` alone; for acts that no sibling can do in our place, such as a stop. */
export async function waitForRestartLock(spec: DaemonSpec, report: (progress: Progress) => void): Promise<FileLock> {
  using bound = restartLockDeadline(spec);
  using _slow = reportIfSlow(() => reportLockWait(spec, report));
  for (;;) {
    const lock = tryRestartLock(spec);
    if (lock) return lock;
    if (bound.passed) throw lockWaitOver(spec, bound);
    await bound.pause(jittered(LOCK_PAUSE_MS));
  }
}

const LOCK_PAUSE_MS = 25;

export function restartLockDeadline(spec: DaemonSpec, signal?: AbortSignal): Deadline {
  return deadline(spec.paths.restartLock, LOCK_BOUND_MS, signal);
}

export function reportLockWait(spec: DaemonSpec, report: (progress: Progress) => void): void {
  const holder = lockHolderText(spec.paths.restartLock);
  const what = `${spec.paths.restartLock}, under which another process starts or restarts the daemon`;
  report({ kind: "waiting", what, holder, boundMs: LOCK_BOUND_MS });
}

export function lockWaitOver(spec: DaemonSpec, { error }: Deadline): LifecycleError {
  const holder = lockHolderText(spec.paths.restartLock) ?? "an unknown process";
  return new LifecycleError(`${error.message}, which is held by ${holder}; end that process and try again`, {
    cause: error,
  });
}
