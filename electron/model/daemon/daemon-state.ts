import type { Breadcrumb } from "../../../src/log/breadcrumbs.js";
import type { Draining, Heartbeat, ServerStatus } from "../../../src/wire/control.js";
import type { Identity, Installed } from "../../../src/version/identity.js";
import type { LedgerEntry } from "../../../src/state/ledger.js";
import type { Progress } from "../../../src/client/progress.js";
import type { BeatHistory } from "./beats.js";
import type { Drift } from "./drift.js";

/**
 * What the app knows of one daemon. Each state holds the facts that belong to it.
 *
 *              startRequested             connected             draining              disconnected
 *    stopped ─────────────────▶ starting ───────────▶ running ────────────▶ draining ──────────────▶ stopped
 *                                ▲  │                  │ ▲ │ ▲                  │
 *                          tick, │  │ startFailed,     │ │ │ │ installed        └──▶ starting (to restart)
 *                         resume │  │ tick        tick │ │ │ └───────▶ drifted         failed (by a fault)
 *                                │  ▼                  │ │ │
 *                               failed ◀───────────────┼─┼─┘
 *                                         disconnected ▼ │ heartbeat, status
 *                                                  unresponsive
 *
 * A drifted daemon has all the ways of a running one. In full, with the effects that start or stop a daemon:
 *
 *    event             from                        to
 *    connected         every state                 running, or drifted if the versions differ
 *    absent            every state, if wanted      stopped
 *      (no operation)    stopped or read-only
 *                      stopped, nothing known      stopped
 *                      unresponsive, unconnected   starting, another's successor is expected
 *                      failed (refused,            starting, another's
 *                        unreachable)
 *    unusable          every state, if no          unresponsive without a connection, or failed (refused,
 *                      operation is under way      unreachable)
 *    heartbeat,        running, drifted,           running, or drifted if the versions differ
 *      status          unresponsive
 *    draining          every connected state       draining
 *    disconnected      draining to stop            stopped; starting if the user has asked for a start: start
 *                      draining to restart         starting
 *                      draining for an upgrade     starting: start
 *                      draining by a fault         failed (died, crash-loop)
 *                      connected, own operation    stop: as draining to stop; otherwise starting
 *                      connected, asleep           starting
 *                      unresponsive, connected     starting, another's successor is expected
 *                      running, drifted            failed (died, crash-loop)
 *                      connected, read-only        stopped
 *    appOpened         not connected               starting: start
 *    startRequested    stopped, failed             starting: start
 *                      starting, another's         the same: start
 *                      draining, running           the same
 *                      drifted, unresponsive       as restartRequested
 *    restartRequested  stopped, failed             starting: restart
 *                      any other                   the same: restart
 *    stopRequested     every state                 the same: stop
 *    started           not running, drifted or     starting, another's: its connection is expected
 *                        draining
 *    startFailed       connected, not draining     the same, with a problem
 *                      any other                   failed (refused, start-failed, crash-loop), or unresponsive
 *                                                  without a connection
 *    stopped           not connected               stopped; starting if the user has asked for a start: start
 *    stopFailed        not connected               starting if the user has asked for a start: start
 *                      starting                    unresponsive without a connection
 *                      any other                   the same, with a problem
 *    installed         running, drifted            drifted, in our own installation: start; or running
 *                      failed, other version       starting: start
 *    tick              running, drifted            unresponsive, after two silent intervals
 *                      starting, another's         starting, after 10 s: start; or failed (died, crash-loop), if
 *                                                  the daemon that was seen to start is not there after 3 s
 *                      failed, retryAt has come    starting: start
 *    resume            failed, retryAt has come    starting: start
 *                      starting, since it slept    starting: start
 *
 * `progress`, `started`, `startFailed`, `stopped` and `stopFailed` count only for the operation that is under way.
 * What would be failed (died) is stopped where `wanted` is "stopped". `progress`, `problemDismissed`, `breadcrumbs` and
 * `ledger` leave the state as it is.
 */
export type DaemonState =
  | { is: "stopped"; since: number; why: StoppedWhy }
  | { is: "starting"; since: number; whose: "ours" | "theirs"; after: "nothing" | "restart" | "death" }
  | { is: "running"; live: Live }
  | { is: "drifted"; live: Live; drift: Drift }
  | { is: "draining"; since: number; live: Live; draining: Draining; ending: Ending }
  /** `since`: when it was last heard. `live` is undefined, and `error` set, if it never answered a handshake. */
  | { is: "unresponsive"; since: number; live: Live | undefined; error: string | undefined }
  | {
      is: "failed";
      since: number;
      what: Failure;
      error: string;
      retryAt: number | undefined;
      last: Identity | undefined;
    };

export type StoppedWhy =
  /** Nothing is known yet: the app has just started. */
  | { is: "unknown" }
  | { is: "deliberate"; by: string; reason: string }
  /** Nothing listens on its socket. */
  | { is: "absent" };

/**
 * What the end of a draining daemon leads to. `upgrade`: a package's hook has ended it, and the new version is started.
 * `fault`: it can't go on, since its state directory was removed.
 */
export type Ending = "stop" | "restart" | "upgrade" | "fault";

/** `unreachable`: its directory or its socket can't be used, so that its state can't be read either. */
export type Failure = "died" | "start-failed" | "refused" | "crash-loop" | "unreachable";

/** A daemon that we are connected to. */
export interface Live {
  identity: Identity;
  connectedAt: number;
  /** Undefined until the first status, and always for a daemon that sends none. */
  facts: LiveFacts | undefined;
  /** The time between two heartbeats as it was observed, of a daemon that does not give it, ms. */
  observedBeatMs?: number;
}

export interface LiveFacts {
  clients: number;
  inFlight: number;
  rssBytes: number;
  servers: readonly ServerStatus[];
}

/** What the app keeps of a heartbeat. `lagMs`: the lag of the daemon's event loop. */
export type Beat = Pick<Heartbeat, "lagMs" | "rssBytes" | "clients" | "inFlight">;

/** What the app is doing with the daemon, and how far it is. */
export interface Operation {
  /** Of this daemon's operations, the how-manieth. */
  id: number;
  kind: "start" | "restart" | "stop";
  since: number;
  /** The newest report of the lifecycle, and when it came. */
  progress: { at: number; what: Progress } | undefined;
}

/** An operation that failed and left the daemon as it was. The window shows it until the next operation. */
export interface Problem {
  kind: Operation["kind"];
  refused: boolean;
  error: string;
  at: number;
}

/** A breadcrumb of the log. `key` is unique and sorts like the log. `at`: undefined if the line has no time. */
export interface PlacedBreadcrumb {
  key: string;
  at: number | undefined;
  breadcrumb: Breadcrumb;
}

/**
 * Everything the app knows of one daemon. Plain data, never changed in place.
 *
 * `state` is what the daemon does, `operation` what the app is doing with it, `wanted` what was asked for last, and
 * `problem` how the last operation failed. They combine freely but for these rules, which test/model checks:
 * - an operation that starts or restarts: `wanted` is "running". A stop may stand beside "running" too: the daemon is
 *   started once it has ended;
 * - an operation: no problem;
 * - `retryAt`: `wanted` is "running"; an operation is waited for first;
 * - `control` is "read-only": no operation, and no effect but notifications.
 */
export interface DaemonRecord {
  id: DaemonId;
  name: string;
  /** `read-only`: another tool's daemon, listed in the settings; the app shows it and never acts on it. */
  control: "full" | "read-only";
  paths: { dir: string; log: string };
  state: DaemonState;
  /** What is installed in the directory that the app's code comes from, as last read. */
  installed: Installed | undefined;
  /** A deliberate stop is remembered: the app starts nothing until the user or another client does. */
  wanted: "running" | "stopped";
  operation: Operation | undefined;
  /** How many operations there were. */
  operations: number;
  problem: Problem | undefined;
  beats: BeatHistory;
  /** The daemon that was connected last. */
  seen: Identity | undefined;
  /** When the daemon was last heard. */
  heardAt: number;
  /** Times of deaths and failed starts within CRASH_WINDOW_MS. */
  failures: readonly number[];
  /** Failures since the daemon last ran for a minute: the exponent of the backoff. */
  failuresInARow: number;
  /** Oldest first. */
  breadcrumbs: readonly PlacedBreadcrumb[];
  ledger: readonly LedgerEntry[];
}

export type DaemonId = string;

export function newRecord(about: Pick<DaemonRecord, "id" | "name" | "control" | "paths">, now: number): DaemonRecord {
  return {
    ...about,
    state: { is: "stopped", since: now, why: { is: "unknown" } },
    installed: undefined,
    wanted: "running",
    operation: undefined,
    operations: 0,
    problem: undefined,
    beats: { points: [], marks: [] },
    seen: undefined,
    heardAt: now,
    failures: [],
    failuresInARow: 0,
    breadcrumbs: [],
    ledger: [],
  };
}

/** How often the daemon's heartbeats come, ms; undefined if it sends none, or if that is not known yet. */
export function beatIntervalOf({ identity, observedBeatMs }: Live): number | undefined {
  return identity.heartbeatMs ?? observedBeatMs;
}

/** The daemon behind the state, if we are connected to one. */
export function liveOf(state: DaemonState): Live | undefined {
  switch (state.is) {
    case "running":
    case "drifted":
    case "draining":
    case "unresponsive":
      return state.live;
    case "stopped":
    case "starting":
    case "failed":
      return undefined;
  }
}
