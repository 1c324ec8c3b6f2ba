import { DEFAULT_DRAIN_MS, ERROR, type ShutdownParams } from "../../wire/control.js";
import { deadline } from "../../wire/deadline.js";
import { RpcError } from "../../wire/rpc-error.js";
import { tryLock, type FileLock } from "../../state/lock.js";
import { lockHolderText } from "../../state/platform/lock-holder.js";
import type { EndsFor } from "../../version/restart-cause.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import { LifecycleError } from "../lifecycle-errors.js";
import { jittered } from "../connect/jittered.js";
import type { FoundDaemon } from "../connect/find.js";
import type { Connected } from "../connect/probe.js";
import { isStillRunning, proveProcess, signalProcess, type ProvenProcess } from "./proven-process.js";
import { durationText } from "../../text/duration.js";

export interface StopOptions {
  /** In words, for the daemon's log and the other clients. */
  reason: string;
  /** What the end leads to. */
  for: EndsFor;
  /** Who asks: `cli (pid 812)`. */
  by: string;
  drainMs?: number;
  /** Skip the polite part: SIGKILL at once. */
  force?: boolean;
  /** Called for each step that was needed. */
  onStep?: (step: StopStep) => void;
}

export type StopStep = { step: "asked" | "sigterm" | "sigkill"; pid: number | undefined; boundMs: number };

/** What was stopped: the pid as far as it was known, and the freed lifetime lock, which is now ours to hand on. */
export interface Stopped {
  pid: number | undefined;
  /** The process, as far as it was proven: it gives up its lock a moment before it is gone. */
  target: ProvenProcess | undefined;
  lock: FileLock | undefined;
  lastStep: "already-gone" | StopStep["step"];
}

/** How long a shutdown request may stay without an answer, and how long SIGKILL may take to show, ms. */
const ANSWER_BOUND_MS = 2_000;
const GRACE_MS = 2_000;

/**
 * Ends the daemon that was found: the polite request, SIGTERM where it is not known or not answered, and SIGKILL
 * after the drain time plus two seconds. The target is proven before each signal. The caller holds `restart.lock`.
 * Throws LifecycleError, naming the pid, when it cannot be proven or does not die. `abort` ends the wait, and with it
 * the steps that were still to come.
 */
export async function escalate(
  spec: DaemonSpec,
  found: FoundDaemon,
  options: StopOptions,
  abort?: AbortSignal,
): Promise<Stopped> {
  const drainMs = options.drainMs ?? DEFAULT_DRAIN_MS;
  const socket = found.state === "answered" || found.state === "silent" ? found.socket : undefined;
  const answered = found.state === "answered" ? found : undefined;
  let target = proveProcess(spec, socket);
  if (answered?.identity.pid !== undefined && target && target.pid !== answered.identity.pid) target = undefined;
  const pid = target?.pid ?? answered?.identity.pid;
  const end = watchForEnd(spec, target, socket, abort);
  let lastStep: Stopped["lastStep"] = "already-gone";
  const endsAfter = async (step: StopStep["step"], boundMs: number): Promise<boolean> => {
    lastStep = step;
    options.onStep?.({ step, pid, boundMs });
    return end.within(boundMs);
  };
  const stopped = (): Stopped => ({ pid, target, lock: end.lock, lastStep });

  if (await end.within(0)) return stopped();
  if (!options.force) {
    if (answered && (await asksPolitely(spec, answered, options, drainMs, abort))) {
      if (await endsAfter("asked", drainMs + GRACE_MS)) return stopped();
    } else {
      signal(spec, target, "SIGTERM");
      // A daemon that did not even answer has no calls to drain that anybody could still receive.
      if (await endsAfter("sigterm", answered ? drainMs + GRACE_MS : GRACE_MS)) return stopped();
    }
  }
  signal(spec, target, "SIGKILL");
  if (await endsAfter("sigkill", GRACE_MS)) return stopped();
  throw new LifecycleError(
    `the daemon (PID ${pid ?? "unknown"}) did not end within ${durationText(GRACE_MS)} of SIGKILL: ` +
      `look at it with "ps -o pid,stat,wchan -p ${pid ?? "PID"}" (a D state waits for the disk)`,
  );
}

/** Waits, two seconds at most, until nothing is left of a stopped daemon's process. */
export async function untilGone({ target }: Pick<Stopped, "target">): Promise<void> {
  using bound = deadline("the stopped process to be gone", GRACE_MS);
  while (target && !bound.passed && isStillRunning(target)) await bound.pause(FAST_POLL_MS);
}

/** True: it said that it will end. False: it does not know the request, or did not answer in time. */
async function asksPolitely(
  spec: DaemonSpec,
  daemon: Connected,
  options: StopOptions,
  drainMs: number,
  abort: AbortSignal | undefined,
): Promise<boolean> {
  if (spec.control === undefined) return false;
  const params: ShutdownParams = { reason: options.reason, by: options.by, for: options.for, drainMs };
  using bound = deadline("the answer to the request to stop", ANSWER_BOUND_MS, abort);
  try {
    await daemon.peer.request(spec.control.shutdown, params, { signal: bound.signal });
    return true;
  } catch (error) {
    // An answer of "draining" means that somebody else asked first; a closed connection, that it is ending already.
    if (error instanceof RpcError) return error.code === ERROR.draining;
    abort?.throwIfAborted();
    return !bound.passed;
  }
}

function signal(spec: DaemonSpec, target: ProvenProcess | undefined, name: "SIGTERM" | "SIGKILL"): void {
  if (target) {
    signalProcess(target, name);
    return;
  }
  const holder = spec.lifetimeLock ? lockHolderText(spec.paths.daemonLock) : undefined;
  const suspect = holder === undefined ? "" : ` The lock was taken by ${holder}.`;
  throw new LifecycleError(
    `the daemon in ${spec.paths.dir} must be ended, but which process it is cannot be proven, so nothing was signalled.` +
      `${suspect} Find it with "fuser ${spec.lifetimeLock ? spec.paths.daemonLock : spec.paths.socket}", end it, and try again.`,
  );
}

interface EndWatch {
  readonly lock: FileLock | undefined;
  /** True as soon as the daemon is gone; false after `ms` of awake time. */
  within(ms: number): Promise<boolean>;
}

const POLL_MS = 25;
/** At first, and when the connection has ended, so that the process is about to. */
const FAST_POLL_MS = 3;
const FAST_LOOKS = 10;

/**
 * "Gone" means that its lifetime lock could be taken: giving that up is a daemon's last act. One that answers without
 * holding its lock, because the lock's file was removed under it, is gone when its process is.
 */
function watchForEnd(
  spec: DaemonSpec,
  target: ProvenProcess | undefined,
  socket: { destroyed: boolean } | undefined,
  abort: AbortSignal | undefined,
): EndWatch {
  let lock = spec.lifetimeLock ? tryLock(spec.paths.daemonLock) : undefined;
  const holdsItsLock = spec.lifetimeLock !== undefined && lock === undefined;
  const gone = (): boolean => {
    if (!holdsItsLock) return target === undefined ? spec.lifetimeLock !== undefined : !isStillRunning(target);
    lock ??= tryLock(spec.paths.daemonLock);
    return lock !== undefined;
  };
  return {
    get lock() {
      return lock;
    },
    async within(ms) {
      if (gone()) return true;
      if (ms === 0) return false;
      using bound = deadline("the daemon's end", ms, abort);
      for (let looks = 0; !bound.passed; looks++) {
        // A daemon without calls to drain is gone in a moment; one with calls may take its time.
        const soon = socket?.destroyed || looks < FAST_LOOKS;
        await bound.pause(soon ? FAST_POLL_MS : jittered(POLL_MS));
        if (gone()) return true;
      }
      return false;
    },
  };
}
