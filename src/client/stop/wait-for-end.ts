import { tryLock, type FileLock } from "../../state/lock.js";
import { deadline } from "../../wire/deadline.js";
import { jittered } from "../connect/jittered.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import { isListening, isStillRunning, type ProvenProcess } from "./proven-process.js";

export interface EndWatch {
  /** The daemon's lifetime lock, once it was free: the caller's to pass on or to release. */
  readonly lock: FileLock | undefined;
  /** Resolves with true as soon as the daemon has ended, or with false after `ms` of awake time. */
  within(ms: number): Promise<boolean>;
}

/** Pauses between two checks, ms: the short one at first, and once the connection has ended. */
const POLL_MS = 25;
const FAST_POLL_MS = 3;
const FAST_CHECKS = 10;

/** How long an ended daemon's process may take to be gone, ms of awake time. */
const GONE_BOUND_MS = 2_000;

/**
 * Watches for a daemon's end, which is when its lifetime lock can be taken: releasing that is its last act. A daemon
 * without its lock, because it has none or the file was removed, has ended when its process has; if that is not known,
 * when nothing listens on its socket any more.
 */
export function watchForEnd(
  spec: DaemonSpec,
  proven: ProvenProcess | undefined,
  socket: { destroyed: boolean } | undefined,
  signal: AbortSignal | undefined,
): EndWatch {
  let lock = spec.lifetimeLock ? tryLock(spec.paths.daemonLock) : undefined;
  const holdsItsLock = spec.lifetimeLock !== undefined && lock === undefined;
  const hasEnded = async (): Promise<boolean> => {
    if (!holdsItsLock) return proven === undefined ? !(await isListening(spec)) : !isStillRunning(proven);
    lock ??= tryLock(spec.paths.daemonLock);
    return lock !== undefined;
  };
  return {
    get lock() {
      return lock;
    },
    async within(ms) {
      if (await hasEnded()) return true;
      if (ms === 0) return false;
      using bound = deadline("the daemon to end", ms, signal);
      for (let checks = 0; !bound.passed; checks++) {
        // Without calls to drain, a daemon ends within milliseconds.
        const soon = socket?.destroyed || checks < FAST_CHECKS;
        await bound.pause(soon ? FAST_POLL_MS : jittered(POLL_MS));
        if (await hasEnded()) return true;
      }
      return false;
    },
  };
}

/** Waits, at most GONE_BOUND_MS, until the process of an ended daemon is gone: it releases its lock a moment earlier. */
export async function untilGone(proven: ProvenProcess | undefined, signal?: AbortSignal): Promise<void> {
  if (!proven) return;
  using bound = deadline(`process ${proven.pid} to be gone`, GONE_BOUND_MS, signal);
  while (!bound.passed && isStillRunning(proven)) await bound.pause(FAST_POLL_MS);
}

/** Waits, at most GONE_BOUND_MS, until nothing listens on the socket any more. False: something still does. */
export async function untilSilent(spec: DaemonSpec, signal?: AbortSignal): Promise<boolean> {
  using bound = deadline(`the end of the listener on ${spec.paths.socket}`, GONE_BOUND_MS, signal);
  while (await isListening(spec)) {
    if (bound.passed) return false;
    await bound.pause(jittered(POLL_MS));
  }
  return true;
}
