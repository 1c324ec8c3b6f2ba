import { lockHolderText } from "../../state/platform/lock-holder.js";
import type { FileLock } from "../../state/lock.js";
import { durationText } from "../../text/duration.js";
import type { EndsFor } from "../../version/restart-cause.js";
import { DEFAULT_DRAIN_MS, ERROR, type ShutdownParams } from "../../wire/control.js";
import { deadline } from "../../wire/deadline.js";
import { RpcError } from "../../wire/rpc-error.js";
import type { FoundDaemon } from "../connect/find.js";
import type { Connected } from "../connect/probe.js";
import { LifecycleError } from "../lifecycle-errors.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import { proveProcess, signalProcess, type ProvenProcess } from "./proven-process.js";
import { watchForEnd } from "./wait-for-end.js";

export interface StopOptions {
  /** In words, for the daemon's log and the other clients. */
  reason: string;
  /** What the end leads to. */
  for: EndsFor;
  /** Who asks: `cli (pid 812)`. */
  by: string;
  /** How long running calls may go on, ms. Default: DEFAULT_DRAIN_MS. */
  drainMs?: number;
  /** Begin with SIGKILL. */
  force?: boolean;
  /** Called at each step that is taken. */
  onStep?: (step: StopStep) => void;
}

/** One step, and how long the daemon then has to end. */
export type StopStep = { step: "asked" | "sigterm" | "sigkill"; pid: number | undefined; boundMs: number };

export interface Stopped {
  pid: number | undefined;
  /** The process, if it was proven to be the daemon's. */
  proven: ProvenProcess | undefined;
  /** The daemon's lifetime lock, now held by this process: for the successor, or to be released. */
  lock: FileLock | undefined;
  lastStep: "already-gone" | StopStep["step"];
}

/** For the answer to the shutdown request, and for the end after SIGKILL or beyond the drain time, ms. */
const ANSWER_BOUND_MS = 2_000;
const GRACE_MS = 2_000;

/**
 * Ends the daemon that was found: asks it to shut down, sends SIGTERM if it doesn't know that request or doesn't answer,
 * and SIGKILL two seconds after the drain time. Its process is proven before each signal. The caller holds
 * `restart.lock`. Throws LifecycleError, with the pid, when the process cannot be proven or does not end. When `signal`
 * aborts, the remaining steps are not taken.
 */
export async function escalate(
  spec: DaemonSpec,
  found: FoundDaemon,
  options: StopOptions,
  signal?: AbortSignal,
): Promise<Stopped> {
  const drainMs = options.drainMs ?? DEFAULT_DRAIN_MS;
  const socket = found.state === "answered" || found.state === "silent" ? found.socket : undefined;
  const answered = found.state === "answered" ? found : undefined;
  let proven = proveProcess(spec, socket);
  if (answered?.identity.pid !== undefined && proven && proven.pid !== answered.identity.pid) proven = undefined;
  const pid = proven?.pid ?? answered?.identity.pid;
  const end = watchForEnd(spec, proven, socket, signal);
  let lastStep: Stopped["lastStep"] = "already-gone";
  const endsAfter = async (step: StopStep["step"], boundMs: number): Promise<boolean> => {
    lastStep = step;
    options.onStep?.({ step, pid, boundMs });
    return end.within(boundMs);
  };
  const stopped = (): Stopped => ({ pid, proven, lock: end.lock, lastStep });

  if (await end.within(0)) return stopped();
  if (!options.force) {
    if (answered && (await agreesToStop(spec, answered, options, drainMs, signal))) {
      if (await endsAfter("asked", drainMs + GRACE_MS)) return stopped();
    } else {
      signalOrThrow(spec, proven, "SIGTERM");
      // A daemon that did not answer the handshake has no calls whose results could still be received.
      if (await endsAfter("sigterm", answered ? drainMs + GRACE_MS : GRACE_MS)) return stopped();
    }
  }
  signalOrThrow(spec, proven, "SIGKILL");
  if (await endsAfter("sigkill", GRACE_MS)) return stopped();
  throw new LifecycleError(
    `the daemon (PID ${pid ?? "unknown"}) did not end within ${durationText(GRACE_MS)} of SIGKILL: ` +
      `look at it with "ps -o pid,stat,wchan -p ${pid ?? "PID"}" (state D means that it waits for the disk)`,
  );
}

/** False when the daemon doesn't know the request, or did not answer in time. */
async function agreesToStop(
  spec: DaemonSpec,
  daemon: Connected,
  options: StopOptions,
  drainMs: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (spec.control === undefined) return false;
  const params: ShutdownParams = { reason: options.reason, by: options.by, for: options.for, drainMs };
  using bound = deadline("the answer to the shutdown request", ANSWER_BOUND_MS, signal);
  try {
    await daemon.peer.request(spec.control.shutdown, params, { signal: bound.signal });
    return true;
  } catch (error) {
    // "Draining" means that another client asked first; a closed connection, that the daemon is ending already.
    if (error instanceof RpcError) return error.code === ERROR.draining;
    signal?.throwIfAborted();
    return !bound.passed;
  }
}

function signalOrThrow(spec: DaemonSpec, proven: ProvenProcess | undefined, name: "SIGTERM" | "SIGKILL"): void {
  if (proven) {
    signalProcess(proven, name);
    return;
  }
  const holder = spec.lifetimeLock ? lockHolderText(spec.paths.daemonLock) : undefined;
  const suspect = holder === undefined ? "" : ` The lock was taken by ${holder}.`;
  throw new LifecycleError(
    `the daemon in ${spec.paths.dir} must be ended, but its process could not be identified for certain, so no signal was sent.` +
      `${suspect} Find it with "fuser ${spec.lifetimeLock ? spec.paths.daemonLock : spec.paths.socket}", end it, and try again.`,
  );
}
