import { statSync } from "node:fs";

import { isLocked } from "../../state/lock.js";
import { otherHostOf, readRecordedDaemon } from "../../state/recorded-daemon.js";
import { readSpawned } from "../../state/spawned-daemon.js";
import { lockHolder } from "../../state/platform/lock-holder.js";
import { peerOf, type PeerProcess } from "../../state/platform/libc.js";
import { ancestors } from "../../state/platform/ancestors.js";
import { processCommand, processStartMs, processStartTime, processUser } from "../../state/platform/processes.js";
import { readIfThere } from "../../state/whole-file.js";
import { socketDescriptor } from "../../wire/socket-descriptor.js";
import { connectOnce } from "../connect/connect-socket.js";
import type { DaemonSpec, WatchedDaemon } from "../spec/daemon-spec.js";
import { judgeWitnesses, type Dated, type RunningProcess, type Verdict, type Witnesses } from "./witnesses.js";

/** A process that was proven to be the daemon. The start time distinguishes it from a later process with its pid. */
export type ProvenProcess = Dated;

/**
 * Finds out, with a fresh connection, which process is the daemon. `identityPid`: what answers on the socket has given
 * this as its pid. Throws ConnectError.
 */
export async function proveProcess(spec: DaemonSpec, identityPid: number | undefined): Promise<Verdict> {
  const { paths } = spec;
  const listener = await askKernel(paths.socket);
  const recorded = readRecordedDaemon(paths);
  const witnesses: Witnesses = {
    connected: listener.connected,
    kernelPid: listener.process?.pid,
    identityPid,
    recorded: recorded?.startTime === undefined ? undefined : { pid: recorded.pid, startTime: recorded.startTime },
    recordedElsewhere: recorded && otherHostOf(recorded),
    spawned: readSpawned(paths.restartLock),
    pidFile: readPid(paths.pid),
    lockTaken: spec.lifetimeLock ? isLocked(paths.daemonLock) : undefined,
    lockTaker: undefined,
    socketMadeMs: statSync(paths.socket, { throwIfNoEntry: false })?.ctimeMs,
  };
  const processOf = processLookup();
  const verdict = judgeWitnesses(witnesses, processOf);
  if (verdict.proven || !witnesses.lockTaken) return verdict;
  // The kernel's list of locks is only read if nothing else decides: every flock on the machine waits meanwhile.
  return judgeWitnesses({ ...witnesses, lockTaker: lockHolder(paths.daemonLock) }, processOf);
}

/** The process that listens on the daemon's socket, for messages: `PID 812 (python3 -m http.server)`. */
export async function listenerText(spec: WatchedDaemon): Promise<string | undefined> {
  const pid = await listenerPid(spec);
  return pid === undefined ? undefined : `PID ${pid} (${processCommand(pid) ?? "of an unknown command"})`;
}

/** Its pid, as the kernel names it; undefined if nothing listens, or the kernel knows none. */
export async function listenerPid(spec: WatchedDaemon): Promise<number | undefined> {
  return (await askKernel(spec.paths.socket)).process?.pid;
}

/** True while anything accepts connections on the daemon's socket, or lets them wait in its queue. */
export async function isListening(spec: DaemonSpec): Promise<boolean> {
  const socket = await connectOnce(spec.paths.socket);
  if (socket instanceof Object) socket.destroy();
  return socket !== "no-listener";
}

/** True while the pid still belongs to that process. */
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

async function askKernel(path: string): Promise<{ connected: boolean; process: PeerProcess | undefined }> {
  const socket = await connectOnce(path);
  if (typeof socket === "string") return { connected: false, process: undefined };
  try {
    const fd = socketDescriptor(socket);
    return { connected: true, process: fd === undefined ? undefined : peerOf(fd) };
  } finally {
    socket.destroy();
  }
}

/** What is known of a process, looked up once each: on macOS every look takes a program of its own. */
function processLookup(): (pid: number) => RunningProcess | undefined {
  const known = new Map<number, RunningProcess | undefined>();
  return (pid) => {
    if (!known.has(pid)) known.set(pid, runningProcess(pid));
    return known.get(pid);
  };
}

function runningProcess(pid: number): RunningProcess | undefined {
  const startTime = processStartTime(pid);
  if (startTime === undefined) return undefined;
  return {
    startTime,
    get startedMs() {
      return processStartMs(pid);
    },
    get mayBeSignalled() {
      if (pid <= 1 || pid === process.pid || processUser(pid) !== process.geteuid?.()) return false;
      return !ancestors().includes(pid);
    },
  };
}

function readPid(path: string): number | undefined {
  const text = readIfThere(path)?.trim() ?? "";
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined;
}
