import type { Role } from "../../wire/control.js";
import { deadline } from "../../wire/deadline.js";
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
import { START_BOUND_MS } from "../spawn/start-daemon.js";
import { escalate, type StopStep } from "./escalate.js";
import { untilGone } from "./wait-for-end.js";
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
}

export type StopResult = { stopped: false } | { stopped: true; pid: number | undefined; lastStep: StopStep["step"] };

/**
 * Stops the daemon, under `restart.lock`, so that no other client starts or restarts it at the same time. Resolves with
 * `stopped: false` when none was running. Throws LifecycleError when its process cannot be proven or does not end.
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
  const lock = await waitForRestartLock(spec, request.report);
  const by = clientName({ role: request.role, pid: process.pid });
  let found: FoundDaemon = { state: "absent" };
  try {
    found = await findSettled(spec, request);
    if (found.state === "absent") return { stopped: false };
    const { cause = { kind: "requested" }, drainMs, force, only, report } = request;
    if (only && !(found.state === "answered" && only(found.identity))) return { stopped: false };
    const stopped = await escalate(spec, found, {
      reason: stopReason(cause),
      for: stopIsFor(cause),
      by,
      ...(drainMs !== undefined && { drainMs }),
      ...(force !== undefined && { force }),
      onStep: (step) => report({ kind: "stopping", step }),
    });
    await untilGone(stopped.proven);
    stopped.lock?.release();
    return stopped.lastStep === "already-gone"
      ? { stopped: false }
      : { stopped: true, pid: stopped.pid, lastStep: stopped.lastStep };
  } finally {
    hangUp(found);
    releaseRestartLock(lock);
  }
}

/** Waits for a daemon that is starting or draining to listen or to be gone, unless it is to be killed anyway. */
async function findSettled(spec: DaemonSpec, { role, report, force }: StopRequest): Promise<FoundDaemon> {
  const client = clientIdentity(spec, role);
  using bound = deadline("the daemon to listen or to end", START_BOUND_MS);
  using _slow = reportIfSlow(() => reportStartWait(spec, report));
  for (;;) {
    const found = await findDaemon(spec, client);
    if (found.state === "answered" || found.state === "silent" || found.state === "absent") return found;
    if (bound.passed || force) return found;
    await bound.pause(jittered(FIND_AGAIN_MS));
  }
}

const FIND_AGAIN_MS = 50;
