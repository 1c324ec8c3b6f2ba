import { deadline, type Deadline } from "../../wire/deadline.js";
import { requireSpace } from "../../state/directory.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import type { SocketWatch } from "../restart/socket-watch.js";
import { LifecycleError } from "../lifecycle-errors.js";
import type { ClientIdentity } from "../../wire/handshake.js";
import { probeDaemon, type Probe } from "../connect/probe.js";
import { launchProcess, type Launch, type LaunchedProcess } from "./launch-process.js";

/** How long a daemon may take until it listens, ms of our awake time. */
export const START_BOUND_MS = 60_000;
/** A look without an event, in case the file system swallows one (network and FUSE mounts do). */
const LOOK_ANYWAY_MS = 500;
const LOOK_SOON_MS = 4;

type Listening = Extract<Probe, { state: "answered" | "silent" }>;

export interface Started {
  pid: number;
  found: Listening;
}

/**
 * Spawns the installed daemon and waits until somebody listens, us or a sibling: the caller's decision on the probe
 * says whether that is the right one. Throws LifecycleError with exit code and last log lines when the daemon ends
 * first, or, after having ended it, when it does not listen in time. `signal` ends the wait and leaves the daemon to
 * come up.
 */
export async function startDaemon(
  spec: DaemonSpec,
  client: ClientIdentity,
  watch: SocketWatch,
  launch: Launch,
  signal?: AbortSignal,
): Promise<Started> {
  signal?.throwIfAborted();
  requireSpace(spec.paths);
  const launched = await launchProcess(spec, launch);
  // The daemon has its own copy by now. With ours open, its death would not free the lock.
  launch.lock?.release();
  using bound = deadline(`the daemon (PID ${launched.pid}) to listen on ${spec.paths.socket}`, START_BOUND_MS, signal);
  try {
    return { pid: launched.pid, found: await waitForListener(spec, client, watch, launched, bound, signal) };
  } finally {
    launched.letGo();
  }
}

async function waitForListener(
  spec: DaemonSpec,
  client: ClientIdentity,
  watch: SocketWatch,
  launched: LaunchedProcess,
  bound: Deadline,
  signal: AbortSignal | undefined,
): Promise<Listening> {
  let exit: { code: number | null; signal: string | null } | undefined;
  const exited = launched.exited.then((how) => {
    exit = how;
  });
  for (let pause = LOOK_ANYWAY_MS; ;) {
    const probe = await probeDaemon(spec, client, { signal });
    if (probe.state === "answered" || probe.state === "silent") return probe;
    if (exit) throw earlyExit(spec, launched, exit);
    if (bound.passed) {
      killLaunched(launched);
      throw new LifecycleError(`${bound.error.message}, and ended it${lastLines(spec, launched)}`, {
        cause: bound.error,
      });
    }
    const what = await Promise.race([watch.next(pause, signal), exited]);
    // A socket appears with bind and can be connected to with listen, a moment later.
    pause = what === "changed" ? LOOK_SOON_MS : Math.min(pause * 2, LOOK_ANYWAY_MS);
  }
}

function earlyExit(
  spec: DaemonSpec,
  launched: LaunchedProcess,
  exit: { code: number | null; signal: string | null },
): LifecycleError {
  const how = exit.code === null ? `was ended by ${exit.signal ?? "a signal"}` : `exited with code ${exit.code}`;
  return new LifecycleError(`the daemon (PID ${launched.pid}) ${how} before it listened${lastLines(spec, launched)}`);
}

function lastLines(spec: DaemonSpec, launched: LaunchedProcess): string {
  const lines = launched.lastLines();
  return lines === "" ? `; it logged nothing to ${spec.paths.log}` : `; the last lines of ${spec.paths.log}:\n${lines}`;
}

/** It is our own child and not reaped yet, so its pid cannot mean anybody else. */
function killLaunched(launched: LaunchedProcess): void {
  try {
    process.kill(launched.pid, "SIGKILL");
  } catch {
    // It ended by itself at this very moment.
  }
}
