import type { Socket } from "node:net";

import type { FileLock } from "../../state/lock.js";
import { lockHolderText } from "../../state/platform/lock-holder.js";
import { otherHostOf, readRecordedDaemon } from "../../state/recorded-daemon.js";
import { deadline, type Deadline } from "../../wire/deadline.js";
import { findWithoutSocket, type FoundDaemon } from "../connect/find.js";
import { jittered } from "../connect/jittered.js";
import type { Connection } from "../connect/probe.js";
import { reportIfSlow, type Progress } from "../progress.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import { START_BOUND_MS } from "../spawn/start-daemon.js";
import { lockNotFreed } from "./gave-up.js";
import { isRestartUnderWay, tryRestartLock } from "./restart-lock.js";
import type { SocketWatch } from "./socket-watch.js";
import { drainLeftMs } from "./start-bound.js";

/** How long other clients may hold `restart.lock`, ms of awake time: one whole restart and more. */
export const TURN_BOUND_MS = 90_000;

/** Pauses between two tries for the lock, ms, before jitter. They grow, since the tries only back up the events. */
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 100;

/** The bound for all waits of one request for `restart.lock`. */
export class TurnBound implements Disposable {
  readonly #spec: DaemonSpec;
  readonly #signal: AbortSignal | undefined;
  #deadline: Deadline;

  constructor(spec: DaemonSpec, signal: AbortSignal | undefined) {
    this.#spec = spec;
    this.#signal = signal;
    this.#deadline = this.#renewed();
  }

  /** "gave up after 90 s while waiting for …/restart.lock" */
  get error(): Error {
    return this.#deadline.error;
  }

  /** Time begins anew after each wait for a daemon whose running calls were given longer than that. */
  get passed(): boolean {
    if (this.#deadline.passed && drainLeftMs(findWithoutSocket(this.#spec, false), Date.now()) > 0) {
      this.#deadline[Symbol.dispose]();
      this.#deadline = this.#renewed();
    }
    return this.#deadline.passed;
  }

  /** Resolves after `ms`, or sooner when the time is up. Rejects with the signal's reason. */
  pause(ms: number): Promise<void> {
    return this.#deadline.pause(ms);
  }

  [Symbol.dispose](): void {
    this.#deadline[Symbol.dispose]();
  }

  #renewed(): Deadline {
    return deadline(this.#spec.paths.restartLock, TURN_BOUND_MS, this.#signal);
  }
}

/**
 * Waits until `restart.lock` is this client's, or until the socket or the connection to the old daemon has changed, so
 * that another probe is worthwhile. Undefined in the second case. Throws LifecycleError when `turn` has passed, and the
 * signal's reason.
 */
export async function waitForTurn(
  spec: DaemonSpec,
  found: FoundDaemon,
  { watch, turn, signal }: { watch: SocketWatch; turn: TurnBound; signal: AbortSignal | undefined },
): Promise<FileLock | undefined> {
  const socket = connectionOf(found)?.socket;
  const closed = socket && untilClosed(socket);
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    signal?.throwIfAborted();
    const lock = isRestartUnderWay(spec) ? undefined : tryRestartLock(spec);
    if (lock) return lock;
    if (turn.passed) throw lockNotFreed(spec, turn.error);
    const what = await watch.next(jittered(pause), { signal, or: closed });
    // The old daemon listens for as long as it keeps this connection, so a blind watch is no reason to probe.
    if (what === "changed" || what === "other" || (what === "blind" && !socket)) return undefined;
  }
}

/** Waits for `restart.lock` alone: for a stop, which no other client can do in this one's place. Throws LifecycleError. */
export async function waitForRestartLock(
  spec: DaemonSpec,
  report: (progress: Progress) => void,
  signal: AbortSignal | undefined,
): Promise<FileLock> {
  using turn = new TurnBound(spec, signal);
  using _slow = reportIfSlow(() => reportLockWait(spec, report));
  for (;;) {
    const lock = tryRestartLock(spec);
    if (lock) return lock;
    if (turn.passed) throw lockNotFreed(spec, turn.error);
    await turn.pause(jittered(FIRST_PAUSE_MS));
  }
}

/** The open connection to what was found, whether it has agreed to the handshake or not. */
export function connectionOf(found: FoundDaemon): Connection | undefined {
  return found.state === "answered" || found.state === "refusing" ? found : undefined;
}

/** Resolves when the connection has ended. */
export function untilClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once("close", () => resolve());
  });
}

export function reportLockWait(spec: DaemonSpec, report: (progress: Progress) => void): void {
  const what = `${spec.paths.restartLock}, under which another process starts or restarts the daemon`;
  report({ kind: "waiting", what, holder: lockHolderText(spec.paths.restartLock), boundMs: TURN_BOUND_MS });
}

/** What is waited for, from what was found: a daemon that ends, or one that another client starts. */
export function reportStartWait(spec: DaemonSpec, found: FoundDaemon, report: (progress: Progress) => void): void {
  const what =
    found.state === "draining"
      ? `the daemon (PID ${found.identity.pid ?? "unknown"}), which is ending and lets its running calls finish`
      : `the daemon in ${spec.paths.dir}, which ${startText(spec)}`;
  report({ kind: "waiting", what, holder: undefined, boundMs: START_BOUND_MS + drainLeftMs(found, Date.now()) });
}

function startText({ paths }: DaemonSpec): string {
  const recorded = readRecordedDaemon(paths);
  const host = recorded && otherHostOf(recorded);
  return host === undefined
    ? "is being started and does not listen yet"
    : `does not listen on this machine and may run on "${host}", which shares the directory`;
}
