import { formatRestartReason } from "../../log/breadcrumbs.js";
import { isRecordedAlive, readRecordedDaemon } from "../../state/recorded-daemon.js";
import { appendLedger } from "../../state/ledger.js";
import { isLocked, tryLock, type FileLock } from "../../state/lock.js";
import { processStartTime } from "../../state/platform/processes.js";
import { noteSpawned } from "../../state/spawned-daemon.js";
import { breadcrumbCause, restartReason } from "../../version/restart-cause.js";
import type { Identity } from "../../version/identity.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import type { SocketWatch } from "./socket-watch.js";
import type { EnsureOptions } from "../ensure-options.js";
import type { FoundDaemon } from "../connect/find.js";
import { hangUp } from "../connect/probe.js";
import type { OwnDecision } from "../decision.js";
import { startDaemon } from "../spawn/start-daemon.js";
import { escalate, UnprovenError, type Stopped, type StopStep } from "../stop/escalate.js";
import { listenerPid, listenerText } from "../stop/proven-process.js";
import { untilGone } from "../stop/wait-for-end.js";
import { clientName } from "../../wire/handshake.js";

/** The decision to start or to restart. */
export type Replacement = Extract<OwnDecision, { do: "start" | "restart" }>;

interface Situation {
  next: Replacement;
  /** `restart.lock`, held. */
  lock: FileLock;
  /** What was found under the lock. Its connection is closed here. */
  before: FoundDaemon;
  watch: SocketWatch;
}

/**
 * Carries out the decision under `restart.lock`: stops the old daemon, if there is one, starts the installed one, and
 * writes the ledger entry. Resolves with the new daemon's handshake, or with undefined when a daemon that was started
 * by hand took the lifetime lock first.
 */
export async function replaceDaemon(
  spec: DaemonSpec,
  options: EnsureOptions,
  { next, lock, before, watch }: Situation,
): Promise<FoundDaemon | undefined> {
  const began = Date.now();
  const prev = before.state === "answered" ? before.identity : recordedIdentity(spec);
  const stopped = next.do === "restart" ? await stopOld(spec, options, { next, before, prev }) : undefined;
  hangUp(before);
  const daemonLock = stopped?.lock ?? (spec.lifetimeLock ? tryLock(spec.paths.daemonLock) : undefined);
  if (spec.lifetimeLock && !daemonLock) return undefined;
  const note = startNote(lock, options);
  try {
    const { version: now, root } = next.installed;
    if (next.do === "start") options.report({ kind: "starting", now, root });
    const started = await startDaemon(
      spec,
      options.client,
      watch,
      {
        launcher: launcher(options),
        restartReason: next.do === "restart" ? restartVariable(next, prev, options) : undefined,
        lock: daemonLock,
        takesOver: next.do === "restart" && stopped === undefined,
        onLaunched: (pid) => note.set(pid),
      },
      options.signal,
    );
    note.takeBack();
    record(lock, next, options, { began, prev, prevPid: stopped?.pid, pid: started.pid });
    await untilGone(stopped?.proven, options.signal).catch((error: unknown) => {
      hangUp(started.found);
      throw error;
    });
    return started.found;
  } finally {
    daemonLock?.release();
  }
}

/** What a daemon that gave no identity has recorded; not what one that is dead left behind. */
function recordedIdentity({ paths }: DaemonSpec): Identity | undefined {
  const recorded = readRecordedDaemon(paths);
  return recorded && isRecordedAlive(recorded) ? recorded.identity : undefined;
}

type Restarting = Extract<Replacement, { do: "restart" }>;

/**
 * Ends the old daemon. Undefined when what listens could not be proven to be one, and does not hold the lifetime lock as
 * a daemon does: then it is left alone, and the new daemon's socket takes its place.
 */
async function stopOld(
  spec: DaemonSpec,
  options: EnsureOptions,
  { next, before, prev }: { next: Restarting; before: FoundDaemon; prev: Identity | undefined },
): Promise<Stopped | undefined> {
  const { report, restart } = options;
  const { version: now, root } = next.installed;
  const prevPid = prev?.pid ?? (await listenerPid(spec));
  report({ kind: "restarting", why: next.why, prev: prev?.version ?? "", prevPid, now, root });
  const request = {
    reason: restartReason(next.why, restart?.reason, now),
    for: "restart" as const,
    by: launcher(options),
    ...(restart?.drainMs !== undefined && { drainMs: restart.drainMs }),
    onStep: (step: StopStep) => {
      if (step.step !== "asked") report({ kind: "stopping", step });
    },
  };
  try {
    return await escalate(spec, before, request, options.signal);
  } catch (error) {
    if (!(error instanceof UnprovenError) || !spec.lifetimeLock || isLocked(spec.paths.daemonLock)) throw error;
    const listener = (await listenerText(spec)) ?? "an unknown process";
    const text = `${listener} listens on ${spec.paths.socket} and is no daemon of ${spec.name}: it is left running, and the new daemon takes over the socket`;
    report({ kind: "warning", text });
    return undefined;
  }
}

/**
 * The note of the launched process in `restart.lock`, where the next client finds it if this one is interrupted. It stays
 * when the start fails, since the process may still run then.
 */
function startNote(lock: FileLock, { report }: EnsureOptions): { set(pid: number): void; takeBack(): void } {
  let takeBack = (): void => undefined;
  return {
    set: (pid) => {
      try {
        takeBack();
        takeBack = noteSpawned(lock, pid);
      } catch (error) {
        report({ kind: "warning", text: `cannot note the start in ${lock.path}: ${(error as Error).message}` });
      }
    },
    takeBack: () => takeBack(),
  };
}

/** The value of `_LOCKSTEP_DAEMON_RESTART_REASON`. */
function restartVariable(
  { why, installed }: Restarting,
  prev: Identity | undefined,
  { restart }: EnsureOptions,
): string {
  return formatRestartReason({
    why: breadcrumbCause(why),
    prev: prev?.version || "unknown",
    now: installed.version,
    byPid: process.pid,
    text: restart?.reason,
  });
}

function record(
  lock: FileLock,
  next: Replacement,
  { client, restart, report }: EnsureOptions,
  facts: { began: number; prev: Identity | undefined; prevPid: number | undefined; pid: number },
): void {
  const { reason } = restart ?? {};
  const startTime = processStartTime(facts.pid);
  try {
    appendLedger(lock, {
      at: new Date(facts.began).toISOString(),
      did: next.do,
      why: next.why,
      ...(reason !== undefined && { reason }),
      ...(next.do === "restart" && facts.prev && { prev: facts.prev.version }),
      ...(facts.prevPid !== undefined && { prevPid: facts.prevPid }),
      now: next.installed.version,
      pid: facts.pid,
      ...(startTime !== undefined && { startTime }),
      by: { role: client.hello.role, pid: process.pid, root: next.installed.root },
      tookMs: Date.now() - facts.began,
    });
  } catch (error) {
    // The daemon runs, so only the record of it is lost.
    report({ kind: "warning", text: `cannot record this in ${lock.path}: ${(error as Error).message}` });
  }
}

function launcher({ client }: EnsureOptions): string {
  return clientName(client.hello);
}
