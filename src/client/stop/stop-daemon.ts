import type { Role } from "../../wire/control.js";
import { checkDirectory } from "../../state/directory.js";
import type { Identity } from "../../version/identity.js";
import { stopIsFor, stopReason, type StopCause } from "../../version/restart-cause.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import { findDaemon, type FoundDaemon } from "../connect/find.js";
import { hangUp } from "../connect/probe.js";
import { jittered } from "../connect/jittered.js";
import { reportIfSlow, type Progress } from "../progress.js";
import { releaseRestartLock } from "../restart/restart-lock.js";
import { reportStartWait, waitForRestartLock } from "../restart/wait-for-turn.js";
import { StartBound } from "../restart/start-bound.js";
import { LifecycleError } from "../lifecycle-errors.js";
import { escalate, type StopStep } from "./escalate.js";
import { listenerText } from "./proven-process.js";
import { untilGone, untilSilent } from "./wait-for-end.js";
import { clientIdentity } from "../spec/client-identity.js";
import { clientName } from "../../wire/handshake.js";

export interface StopRequest {
  role: Role;
  /** Default `requested`: a stop by the user, after which the tray app leaves the daemon stopped. */
  cause?: Extract<StopCause, { kind: "requested" | "upgrade" }>;
  /** How long running calls may go on, ms. Default 5,000. */
  drainMs?: number;
  /** Sends SIGKILL at once; calls and hosted servers get no time. */
  force?: boolean;
  /** Called under the lock with the daemon that runs by then; false leaves it running. */
  only?: (daemon: Identity) => boolean;
  report: (progress: Progress) => void;
  /** Ends every wait, with the signal's reason; the remaining steps are then not taken. */
  signal?: AbortSignal;
}

export type StopResult = { stopped: false } | { stopped: true; pid: number | undefined; lastStep: StopStep["step"] };

/**
 * Stops the daemon, under `restart.lock`, so that no other client starts or restarts it at the same time. Resolves with
 * `stopped: false` when none was running, and with `stopped: true` once nothing listens on its socket any more. Throws
 * LifecycleError when its process cannot be proven or does not end, or when another process still listens.
 *
 * @example
 * ```ts
 * const report = (progress: Progress) => console.error(progressText(progress, spec.name));
 * const result = await stopDaemon(spec, { role: "cli", drainMs: 10_000, report });
 * console.log(result.stopped ? `stopped PID ${result.pid}` : "no daemon was running");
 * ```
 */
export async function stopDaemon(spec: DaemonSpec, request: StopRequest): Promise<StopResult> {
  if (!checkDirectory(spec.paths)) return { stopped: false };
  const { signal, report } = request;
  const lock = await waitForRestartLock(spec, report, signal);
  const by = clientName({ role: request.role, pid: process.pid });
  let found: FoundDaemon = { state: "absent" };
  try {
    found = await findSettled(spec, request);
    if (found.state === "absent") return { stopped: false };
    const { cause = { kind: "requested" }, drainMs, force, only } = request;
    if (only && !(found.state === "answered" && only(found.identity))) return { stopped: false };
    const options = {
      reason: stopReason(cause),
      for: stopIsFor(cause),
      by,
      ...(drainMs !== undefined && { drainMs }),
      ...(force !== undefined && { force }),
      onStep: (step: StopStep) => report({ kind: "stopping", step }),
    };
    const stopped = await escalate(spec, found, options, signal);
    try {
      await untilGone(stopped.proven, signal);
    } finally {
      stopped.lock?.release();
    }
    if (stopped.lastStep === "already-gone") return { stopped: false };
    if (!(await untilSilent(spec, signal))) throw await stillListening(spec, stopped.pid);
    return { stopped: true, pid: stopped.pid, lastStep: stopped.lastStep };
  } finally {
    hangUp(found);
    releaseRestartLock(lock);
  }
}

/** Waits for a daemon that is starting or draining to listen or to be gone, unless it is to be killed anyway. */
async function findSettled(spec: DaemonSpec, { role, report, force, signal }: StopRequest): Promise<FoundDaemon> {
  const client = clientIdentity(spec, role);
  let found = await findDaemon(spec, client, { signal });
  using bound = new StartBound(spec, signal);
  using _slow = reportIfSlow(() => reportStartWait(spec, found, report));
  while ((found.state === "starting" || found.state === "draining") && !bound.isOver(found) && !force) {
    await bound.pause(jittered(FIND_AGAIN_MS));
    found = await findDaemon(spec, client, { signal });
  }
  return found;
}

/** A supervisor that listens in the daemon's place, or the children that it left behind. */
async function stillListening(spec: DaemonSpec, pid: number | undefined): Promise<LifecycleError> {
  const listener = (await listenerText(spec)) ?? "an unknown process";
  return new LifecycleError(
    `the daemon (PID ${pid ?? "unknown"}) has ended, but ${listener} still listens on ${spec.paths.socket}: ` +
      `end that too, or the service that starts it again`,
  );
}

const FIND_AGAIN_MS = 50;
