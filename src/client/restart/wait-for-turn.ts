import type { Socket } from "node:net";

import type { FileLock } from "../../state/lock.js";
import { lockHolderText } from "../../state/platform/lock-holder.js";
import { deadline, type Deadline } from "../../wire/deadline.js";
import type { FoundDaemon } from "../connect/find.js";
import { jittered } from "../connect/jittered.js";
import { reportIfSlow, type Progress } from "../progress.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import { START_BOUND_MS } from "../spawn/start-daemon.js";
import { lockNotFreed } from "./gave-up.js";
import { isRestartUnderWay, tryRestartLock } from "./restart-lock.js";
import type { SocketWatch } from "./socket-watch.js";

/** How long other clients may hold `restart.lock`, ms of awake time: one whole restart and more. */
export const TURN_BOUND_MS = 90_000;

/** Pauses between two tries for the lock, ms, before jitter. They grow, since the tries only back up the events. */
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 100;

/** The bound for all waits of one request for `restart.lock`. */
export function turnDeadline(spec: DaemonSpec, signal?: AbortSignal): Deadline {
  return deadline(spec.paths.restartLock, TURN_BOUND_MS, signal);
}

/**
 * Waits until `restart.lock` is this client's, or until the socket or the connection to the old daemon has changed, so
 * that another probe is worthwhile. Undefined in the second case. Throws LifecycleError when `turn` has passed, and the
 * signal's reason.
 */
export async function waitForTurn(
  spec: DaemonSpec,
  found: FoundDaemon,
  { watch, turn, signal }: { watch: SocketWatch; turn: Deadline; signal: AbortSignal | undefined },
): Promise<FileLock | undefined> {
  const connection = found.state === "answered" ? { socket: found.socket, closed: closed(found.socket) } : undefined;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    signal?.throwIfAborted();
    const lock = isRestartUnderWay(spec) ? undefined : tryRestartLock(spec);
    if (lock) return lock;
    if (turn.passed) throw lockNotFreed(spec, turn);
    const change = watch.next(jittered(pause), signal);
    if (connection) {
      // The old daemon listens for as long as it keeps this connection, so a blind watch is no reason to probe.
      const what = await Promise.race([change, connection.closed]);
      if (what === "changed" || connection.socket.destroyed) return undefined;
    } else if ((await change) !== "time") return undefined;
  }
}

/** Waits for `restart.lock` alone: for a stop, which no other client can do in this one's place. Throws LifecycleError. */
export async function waitForRestartLock(spec: DaemonSpec, report: (progress: Progress) => void): Promise<FileLock> {
  using turn = turnDeadline(spec);
  using _slow = reportIfSlow(() => reportLockWait(spec, report));
  for (;;) {
    const lock = tryRestartLock(spec);
    if (lock) return lock;
    if (turn.passed) throw lockNotFreed(spec, turn);
    await turn.pause(jittered(FIRST_PAUSE_MS));
  }
}

export function reportLockWait(spec: DaemonSpec, report: (progress: Progress) => void): void {
  const what = `${spec.paths.restartLock}, under which another process starts or restarts the daemon`;
  report({ kind: "waiting", what, holder: lockHolderText(spec.paths.restartLock), boundMs: TURN_BOUND_MS });
}

export function reportStartWait(spec: DaemonSpec, report: (progress: Progress) => void): void {
  const what = `the daemon, which holds ${spec.paths.daemonLock} and does not listen`;
  report({ kind: "waiting", what, holder: undefined, boundMs: START_BOUND_MS });
}

function closed(socket: Socket): Promise<"closed"> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve("closed");
    else socket.once("close", () => resolve("closed"));
  });
}
