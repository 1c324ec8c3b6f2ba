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

type Listening = Extract<Probe, { state: "answered" | "silent" }>;

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
  signal?.throwIfAborted();
  requireSpace(spec.paths);
  const launched = await launchProcess(spec, launch);
  // The daemon has a copy by now. If this one stayed open, the lock would outlive the daemon.
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
  for (let pause = PROBE_ANYWAY_MS; ;) {
    const probe = await probeDaemon(spec, client, { signal });
    if (probe.state === "answered" || probe.state === "silent") return probe;
    if (exit) throw earlyExit(spec, launched, exit);
    if (bound.passed) {
      killLaunched(launched);
      throw new LifecycleError(`${bound.error.message}, and killed it${lastLines(spec, launched)}`, {
        cause: bound.error,
      });
    }
    const what = await Promise.race([watch.next(pause, signal), exited]);
    // The socket appears with bind, and accepts connections from listen on, a moment later.
    pause = what === "changed" ? PROBE_SOON_MS : Math.min(pause * 2, PROBE_ANYWAY_MS);
  }
}

function earlyExit(
  spec: DaemonSpec,
  launched: LaunchedProcess,
  exit: { code: number | null; signal: string | null },
): LifecycleError {
  const how = exit.code === null ? `was killed by ${exit.signal ?? "a signal"}` : `exited with code ${exit.code}`;
  return new LifecycleError(`the daemon (PID ${launched.pid}) ${how} before it listened${lastLines(spec, launched)}`);
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
