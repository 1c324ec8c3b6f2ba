import { formatRestartReason } from "../../log/breadcrumbs.js";
import { readRecordedDaemon } from "../../state/recorded-daemon.js";
import { appendLedger } from "../../state/ledger.js";
import { tryLock, type FileLock } from "../../state/lock.js";
import { breadcrumbCause, restartReason } from "../../version/restart-cause.js";
import type { Identity } from "../../version/identity.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import type { SocketWatch } from "./socket-watch.js";
import type { EnsureOptions } from "../ensure-options.js";
import type { FoundDaemon } from "../connect/find.js";
import { hangUp } from "../connect/probe.js";
import type { OwnDecision } from "../decision.js";
import { startDaemon } from "../spawn/start-daemon.js";
import { escalate, type Stopped, type StopStep } from "../stop/escalate.js";
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
  const prev = before.state === "answered" ? before.identity : readRecordedDaemon(spec.paths)?.identity;
  const stopped = next.do === "restart" ? await stopOld(spec, options, { next, before, prev }) : undefined;
  hangUp(before);
  const daemonLock = stopped?.lock ?? (spec.lifetimeLock ? tryLock(spec.paths.daemonLock) : undefined);
  if (spec.lifetimeLock && !daemonLock) return undefined;

  const { version: now, root } = next.installed;
  if (next.do === "start") options.report({ kind: "starting", now, root });
  try {
    const started = await startDaemon(
      spec,
      options.client,
      watch,
      {
        launcher: launcher(options),
        restartReason: next.do === "restart" ? restartVariable(next, prev, options) : undefined,
        lock: daemonLock,
      },
      options.signal,
    );
    await untilGone(stopped?.proven);
    record(lock, next, options, { began, prev, prevPid: stopped?.pid, pid: started.pid });
    return started.found;
  } finally {
    daemonLock?.release();
  }
}

type Restarting = Extract<Replacement, { do: "restart" }>;

function stopOld(
  spec: DaemonSpec,
  options: EnsureOptions,
  { next, before, prev }: { next: Restarting; before: FoundDaemon; prev: Identity | undefined },
): Promise<Stopped> {
  const { report, restart } = options;
  const { version: now, root } = next.installed;
  report({ kind: "restarting", why: next.why, prev: prev?.version ?? "", prevPid: prev?.pid, now, root });
  const request = {
    reason: restartReason(next.why, restart?.reason, now),
    for: "restart" as const,
    by: launcher(options),
    ...(restart?.drainMs !== undefined && { drainMs: restart.drainMs }),
    onStep: (step: StopStep) => {
      if (step.step !== "asked") report({ kind: "stopping", step });
    },
  };
  return escalate(spec, before, request, options.signal);
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
