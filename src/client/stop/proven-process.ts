import type { Socket } from "node:net";

import { isLocked } from "../../state/lock.js";
import { readRecordedDaemon } from "../../state/recorded-daemon.js";
import { peerOf } from "../../state/platform/libc.js";
import { processStartTime } from "../../state/platform/processes.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";

/** A process that was proven to be the daemon. The start time distinguishes it from a later process with its pid. */
export interface ProvenProcess {
  pid: number;
  startTime: string;
  by: "socket" | "record";
}

/**
 * The process at the other end of the socket, as the kernel reports it. Without a connection: the one that `serve.json`
 * names, if its start time matches and `daemon.lock` is taken. Undefined: not proven, so it must not be signalled.
 */
export function proveProcess(spec: DaemonSpec, socket: Socket | undefined): ProvenProcess | undefined {
  return (socket && provenBySocket(socket)) ?? provenByRecord(spec);
}

/** True while the pid still belongs to that process. Checked right before every signal. */
export function isStillRunning(proven: ProvenProcess): boolean {
  return processStartTime(proven.pid) === proven.startTime;
}

/** Sends the signal if the process still runs. False: it is gone. */
export function signalProcess(proven: ProvenProcess, signal: NodeJS.Signals): boolean {
  if (!isStillRunning(proven)) return false;
  try {
    process.kill(proven.pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

function provenBySocket(socket: Socket): ProvenProcess | undefined {
  const fd = descriptorOf(socket);
  const peer = fd === undefined ? undefined : peerOf(fd);
  if (!peer || peer.pid === process.pid) return undefined;
  if (peer.uid !== undefined && peer.uid !== process.getuid?.()) return undefined;
  const startTime = processStartTime(peer.pid);
  return startTime === undefined ? undefined : { pid: peer.pid, startTime, by: "socket" };
}

function provenByRecord(spec: DaemonSpec): ProvenProcess | undefined {
  if (!spec.lifetimeLock || !isLocked(spec.paths.daemonLock)) return undefined;
  const recorded = readRecordedDaemon(spec.paths);
  if (recorded?.startTime === undefined || recorded.pid === process.pid) return undefined;
  return processStartTime(recorded.pid) === recorded.startTime
    ? { pid: recorded.pid, startTime: recorded.startTime, by: "record" }
    : undefined;
}

/** Node does not document the descriptor of a socket, but has kept it at this place since its first version. */
function descriptorOf(socket: Socket): number | undefined {
  const handle = (socket as unknown as { _handle?: { fd?: unknown } | null })._handle;
  return typeof handle?.fd === "number" && handle.fd >= 0 ? handle.fd : undefined;
}
