import type { Socket } from "node:net";

import { isLocked } from "../../state/lock.js";
import { readRecordedDaemon } from "../../state/recorded-daemon.js";
import { peerOf } from "../../state/platform/libc.js";
import { processStartTime } from "../../state/platform/processes.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";

/** A process that was proven to be the daemon, and by what. Its start time tells it from a later one with its pid. */
export interface ProvenProcess {
  pid: number;
  startTime: string;
  by: "socket" | "record";
}

/**
 * The process behind the daemon's socket by the kernel's word, or, with no connection, the one that `serve.json` names
 * if its start time agrees and `daemon.lock` is taken. Undefined: unproven, and so never to be signalled.
 */
export function proveProcess(spec: DaemonSpec, socket: Socket | undefined): ProvenProcess | undefined {
  return (socket && provenBySocket(socket)) ?? provenByRecord(spec);
}

/** Is it still that process? Asked again right before every signal. */
export function isStillRunning(target: ProvenProcess): boolean {
  return processStartTime(target.pid) === target.startTime;
}

/** Signals the target if it is still itself. False: it is gone. */
export function signalProcess(target: ProvenProcess, signal: NodeJS.Signals): boolean {
  if (!isStillRunning(target)) return false;
  try {
    process.kill(target.pid, signal);
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
