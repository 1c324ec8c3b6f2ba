import { setTimeout as delay } from "node:timers/promises";

import { afterAwake } from "../wire/awake.js";
import { tryLock, type FileLock } from "../state/lock.js";
import { lockHolder, processCommand } from "../state/platform.js";
import type { DaemonSpec } from "./daemon-spec.js";
import { LifecycleError } from "./lifecycle-errors.js";
import type { Progress } from "./progress.js";

/** How long another process may hold `restart.lock` before we give up, ms of awake time: one whole restart and more. */
export const LOCK_BOUND_MS = 90_000;
/** After this long, ms, a waiting user is told why. */
export const SAY_AFTER_MS = 1_000;

/**
 * Takes `restart.lock` now, or says undefined at once. Where the kernel's list of locks shows a holder, koffi is not
 * even loaded: with 200 clients waiting, its 10 ms each would be most of the work.
 */
export function tryRestartLock(spec: DaemonSpec): FileLock | undefined {
  if (process.platform === "linux" && lockHolder(spec.paths.restartLock) !== undefined) return undefined;
  return tryLock(spec.paths.restartLock);
}

/** Who took a lock, for messages: `PID 812 (lockstep restart)`. */
export function holderText(path: string): string | undefined {
  const pid = lockHolder(path);
  return pid === undefined ? undefined : `PID ${pid} (${processCommand(pid) ?? "already gone"})`;
}

/** A short pause with jitter, so that waiting processes do not move in step. */
export function jittered(ms: number): number {
  return ms * (0.75 + Math.random() / 2);
}

/** Waits for `restart.lock` alone; for acts that no sibling can do in our place, such as a stop. */
export async function waitForRestartLock(spec: DaemonSpec, report: (progress: Progress) => void): Promise<FileLock> {
  let passed = false;
  const bound = afterAwake(LOCK_BOUND_MS, () => (passed = true));
  const say = afterAwake(SAY_AFTER_MS, () => reportLockWait(spec, report));
  try {
    for (;;) {
      const lock = tryRestartLock(spec);
      if (lock) return lock;
      if (passed) throw lockWaitOver(spec);
      await delay(jittered(25));
    }
  } finally {
    bound.stop();
    say.stop();
  }
}

export function reportLockWait(spec: DaemonSpec, report: (progress: Progress) => void): void {
  const holder = holderText(spec.paths.restartLock);
  const what = `${spec.paths.restartLock}, under which another process starts or restarts the daemon`;
  report({ kind: "waiting", what, holder, boundMs: LOCK_BOUND_MS });
}

export function lockWaitOver(spec: DaemonSpec): LifecycleError {
  const holder = holderText(spec.paths.restartLock) ?? "an unknown process";
  return new LifecycleError(
    `gave up after ${LOCK_BOUND_MS / 1000} s: ${spec.paths.restartLock} is held by ${holder}; end that process and try again`,
  );
}
