import { statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

import { tryLock } from "../../state/lock.js";
import { EXIT_START_AGAIN } from "../../wire/control.js";
import { deadline, type Deadline } from "../../wire/deadline.js";
import { requireSpace } from "../../state/directory.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import type { SocketWatch } from "../restart/socket-watch.js";
import { LifecycleError } from "../lifecycle-errors.js";
import type { ClientIdentity } from "../../wire/handshake.js";
import { probeDaemon, type Probe } from "../connect/probe.js";
import { launchProcess, type Launch, type LaunchedProcess } from "./launch-process.js";

/** How long a daemon may take until it listens, ms of awake time. */
export const START_BOUND_MS = 60_000;
/** Pauses between two probes, ms: without an event, which network and FUSE mounts may lose, and right after one. */
const PROBE_ANYWAY_MS = 500;
const PROBE_SOON_MS = 4;

/** A daemon whose installation was replaced while it started is launched again, this often, after pauses that grow, ms. */
const LAUNCHES = 4;
const LAUNCH_AGAIN_MS = 100;

type Listening = Exclude<Probe, { state: "no-listener" | "ended" }>;

export interface Started {
  pid: number;
  found: Listening;
}

/**
 * Launches the installed daemon and waits until a daemon listens: usually this one, but another may have been faster, so
 * the caller decides on what it found. Throws LifecycleError, with the exit code and the last lines of the log, when the
 * daemon ends first; and when it does not listen in time, after killing it. When `signal` aborts, the daemon still
 * comes up.
 */
export async function startDaemon(
  spec: DaemonSpec,
  client: ClientIdentity,
  watch: SocketWatch,
  launch: Launch,
  signal?: AbortSignal,
): Promise<Started> {
  let { lock } = launch;
  try {
    for (let launches = 1; ; launches++) {
      signal?.throwIfAborted();
      requireSpace(spec.paths);
      const outcome = await launchOnce(spec, client, watch, { ...launch, lock }, signal);
      if (outcome.found) return { pid: outcome.pid, found: outcome.found };
      if (outcome.code !== EXIT_START_AGAIN || launches === LAUNCHES) throw outcome.error;
      await delay(LAUNCH_AGAIN_MS * launches ** 2, undefined, signal && { signal });
      lock = spec.lifetimeLock && tryLock(spec.paths.daemonLock);
      if (spec.lifetimeLock && !lock) throw outcome.error;
    }
  } finally {
    lock?.release();
  }
}

type Outcome = { pid: number; found: Listening } | { found: undefined; code: number | null; error: LifecycleError };

async function launchOnce(
  spec: DaemonSpec,
  client: ClientIdentity,
  watch: SocketWatch,
  launch: Launch,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const stranger = launch.takesOver ? socketMade(spec) : undefined;
  const launched = await launchProcess(spec, launch);
  // The daemon has a copy by now. If this one stayed open, the lock would outlive the daemon.
  launch.lock?.release();
  launch.onLaunched?.(launched.pid);
  using bound = deadline(`the daemon (PID ${launched.pid}) to listen on ${spec.paths.socket}`, START_BOUND_MS, signal);
  try {
    return await waitForListener(spec, client, { watch, launched, bound, stranger, signal });
  } finally {
    launched.letGo();
  }
}

interface Launching {
  watch: SocketWatch;
  launched: LaunchedProcess;
  bound: Deadline;
  /** Another program's socket, in whose place the daemon's is put. */
  stranger: string | undefined;
  signal: AbortSignal | undefined;
}

async function waitForListener(
  spec: DaemonSpec,
  client: ClientIdentity,
  { watch, launched, bound, stranger, signal }: Launching,
): Promise<Outcome> {
  let exit: { code: number | null; signal: string | null } | undefined;
  const exited = launched.exited.then((how) => {
    exit = how;
  });
  for (let pause = PROBE_ANYWAY_MS; ;) {
    const isOurs = stranger === undefined || socketMade(spec) !== stranger;
    const probe = isOurs ? await probeDaemon(spec, client, { signal }) : ({ state: "no-listener" } as const);
    if (probe.state !== "no-listener" && probe.state !== "ended") return { pid: launched.pid, found: probe };
    if (exit) return { found: undefined, code: exit.code, error: earlyExit(spec, launched, exit) };
    if (bound.passed) {
      killLaunched(launched);
      throw new LifecycleError(`${bound.error.message}, and killed it${lastLines(spec, launched)}`, {
        cause: bound.error,
      });
    }
    const what = await watch.next(pause, { signal, or: exited });
    // The socket appears with bind, and accepts connections from listen on, a moment later.
    pause = what === "changed" ? PROBE_SOON_MS : Math.min(pause * 2, PROBE_ANYWAY_MS);
  }
}

/** Tells one socket at the path from another; undefined if there is none. An inode's number may be used again. */
function socketMade({ paths }: DaemonSpec): string | undefined {
  const found = statSync(paths.socket, { bigint: true, throwIfNoEntry: false });
  return found && `${found.ino} ${found.ctimeNs}`;
}

function earlyExit(
  spec: DaemonSpec,
  launched: LaunchedProcess,
  exit: { code: number | null; signal: string | null },
): LifecycleError {
  const how = exit.code === null ? `was killed by ${exit.signal ?? "a signal"}` : `exited with code ${exit.code}`;
  const advice =
    exit.code === EXIT_START_AGAIN
      ? " because its installation was replaced meanwhile: run the command again, or reinstall"
      : "";
  return new LifecycleError(
    `the daemon (PID ${launched.pid}) ${how} before it listened${advice}${lastLines(spec, launched)}`,
  );
}

function lastLines(spec: DaemonSpec, launched: LaunchedProcess): string {
  const lines = launched.lastLines();
  return lines === "" ? `; it logged nothing to ${spec.paths.log}` : `; the last lines of ${spec.paths.log}:\n${lines}`;
}

/** The process is a child that has not been reaped, so its pid cannot belong to another process. */
function killLaunched(launched: LaunchedProcess): void {
  try {
    process.kill(launched.pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
}
