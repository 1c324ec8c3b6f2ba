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
import {
  isListening,
  isStillRunning,
  listenerText,
  proveProcess,
  signalProcess,
  type ProvenProcess,
} from "./proven-process.js";
import { watchForEnd, type EndWatch } from "./wait-for-end.js";
import type { Verdict } from "./witnesses.js";

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

/** No two witnesses agree on the daemon's process, so that no signal may be sent. */
export class UnprovenError extends LifecycleError {}

/**
 * Ends the daemon that was found: asks it to shut down, sends SIGTERM if it doesn't know that request or doesn't answer,
 * and SIGKILL two seconds after the drain time. Its process is proven before each signal. The caller holds
 * `restart.lock`. Throws UnprovenError when the process cannot be proven, and LifecycleError, with the pid, when it does
 * not end. When `signal` aborts, the remaining steps are not taken.
 */
export async function escalate(
  spec: DaemonSpec,
  found: FoundDaemon,
  options: StopOptions,
  signal?: AbortSignal,
): Promise<Stopped> {
  const identityPid = found.state === "answered" ? found.identity.pid : undefined;
  const { proven } = await proveProcess(spec, identityPid);
  const end = watchForEnd(spec, proven, found.state === "answered" ? found.socket : undefined, signal);
  try {
    const lastStep = await takeSteps(spec, found, options, { proven, identityPid, end }, signal);
    return { pid: proven?.pid ?? identityPid, proven, lock: end.lock, lastStep };
  } catch (error) {
    end.lock?.release();
    throw error;
  }
}

interface Target {
  proven: ProvenProcess | undefined;
  identityPid: number | undefined;
  end: EndWatch;
}

async function takeSteps(
  spec: DaemonSpec,
  found: FoundDaemon,
  options: StopOptions,
  target: Target,
  signal: AbortSignal | undefined,
): Promise<Stopped["lastStep"]> {
  const drainMs = options.drainMs ?? DEFAULT_DRAIN_MS;
  const pid = target.proven?.pid ?? target.identityPid;
  const endsAfter = (step: StopStep["step"], boundMs: number): Promise<boolean> => {
    options.onStep?.({ step, pid, boundMs });
    return target.end.within(boundMs);
  };

  if (await target.end.within(0)) return "already-gone";
  // Its lifetime lock is free and it gave no pid: another program, which would not know what it is asked for.
  if (spec.lifetimeLock && target.end.lock && pid === undefined) await signalOrThrow(spec, target, "SIGTERM");
  if (!options.force) {
    const answered = found.state === "answered" ? found : undefined;
    if (answered && (await agreesToStop(spec, answered, options, drainMs, signal))) {
      if (await endsAfter("asked", drainMs + GRACE_MS)) return "asked";
    } else {
      await signalOrThrow(spec, target, "SIGTERM");
      // A daemon that did not answer the handshake has no calls whose results could still be received.
      if (await endsAfter("sigterm", answered ? drainMs + GRACE_MS : GRACE_MS)) return "sigterm";
    }
  }
  await signalOrThrow(spec, target, "SIGKILL");
  if (await endsAfter("sigkill", GRACE_MS)) return "sigkill";
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

/** Proves the process again, since time has passed: it may have ended, and its pid may belong to another process. */
async function signalOrThrow(spec: DaemonSpec, target: Target, name: "SIGTERM" | "SIGKILL"): Promise<void> {
  const { proven, identityPid } = target;
  const verdict = await proveProcess(spec, identityPid);
  const agreed = verdict.proven && (!proven || verdict.proven.pid === proven.pid) ? verdict.proven : undefined;
  // A daemon that is ending has closed its socket, and what was proven then is still the same process.
  const closed = agreed === undefined && proven && isStillRunning(proven) && !(await isListening(spec));
  const process = agreed ?? (closed ? proven : undefined);
  if (!process) throw await unproven(spec, verdict, target.end);
  signalProcess(process, name);
}

async function unproven(spec: DaemonSpec, verdict: Verdict, { lock }: EndWatch): Promise<UnprovenError> {
  const { paths, lifetimeLock } = spec;
  const listener = await listenerText(spec);
  // This process holds the lock itself if it was free.
  const holder = lifetimeLock && !lock ? lockHolderText(paths.daemonLock) : undefined;
  const why = verdict.proven ? `process ${verdict.proven.pid} has taken its place` : verdict.why;
  return new UnprovenError(
    `what runs in ${paths.dir} must be ended, but its process could not be identified for certain, so no signal was sent: ${why}.` +
      (listener === undefined ? "" : ` ${listener} listens on ${paths.socket}.`) +
      (holder === undefined ? "" : ` ${paths.daemonLock} was taken by ${holder}.`) +
      ` Find it with "fuser ${holder === undefined ? paths.socket : paths.daemonLock}", end it, and try again.`,
  );
}
