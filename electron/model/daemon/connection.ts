import type { Draining } from "../../../src/wire/control.js";
import { withBeat, withMark } from "./beats.js";
import {
  liveOf,
  type Beat,
  type DaemonRecord,
  type DaemonState,
  type Ending,
  type Live,
  type LiveFacts,
} from "./daemon-state.js";
import { driftOf } from "./drift.js";
import type { DaemonEvent } from "../events.js";
import { died } from "./failures.js";
import { noEffects, type Context, type Step } from "../step.js";

export function onConnected(
  record: DaemonRecord,
  { identity, installed }: Extract<DaemonEvent, { type: "connected" }>,
  { now }: Context,
): Step {
  const live: Live = { identity, connectedAt: now, facts: undefined };
  const known = installed ?? record.installed;
  const sameAsBefore = liveOf(record.state)?.identity.pid === identity.pid;
  return noEffects({
    ...record,
    installed: known,
    state: settled(live, known),
    heardAt: now,
    // It was started, by whichever client: it is to run now, unless our own stop is still under way.
    wanted: record.operation?.kind === "stop" ? record.wanted : "running",
    problem: undefined,
    beats: sameAsBefore ? record.beats : withMark(record.beats, { at: now, what: "started" }),
  });
}

export function onStatus(record: DaemonRecord, status: LiveFacts, context: Context): Step {
  const { clients, inFlight, rssBytes, servers } = status;
  return noEffects(heard(record, () => ({ clients, inFlight, rssBytes, servers }), context));
}

export function onHeartbeat(record: DaemonRecord, beat: Beat | undefined, context: Context): Step {
  const live = liveOf(record.state);
  if (!live) return noEffects(record);
  if (!beat) return noEffects(onBareHeartbeat(record, live, context));
  const { clients, inFlight, rssBytes, lagMs } = beat;
  const next = heard(record, (facts) => ({ clients, inFlight, rssBytes, servers: facts?.servers ?? [] }), context);
  return noEffects({ ...next, beats: withBeat(next.beats, { at: context.now, lagMs }) });
}

/** It gives neither figures nor an interval, so the interval is the time between its first two heartbeats. */
function onBareHeartbeat(record: DaemonRecord, { connectedAt }: Live, context: Context): DaemonRecord {
  const { now } = context;
  const last = record.beats.points.at(-1)?.at ?? 0;
  const { state, ...next } = heard(record, (facts) => facts, context);
  const observed = last > connectedAt ? Math.min(Math.max(now - last, SHORTEST_BEAT_MS), LONGEST_BEAT_MS) : undefined;
  return {
    ...next,
    state: "live" in state && state.live ? { ...state, live: withObserved(state.live, observed) } : state,
    beats: withBeat(next.beats, { at: now, lagMs: undefined }),
  };
}

const SHORTEST_BEAT_MS = 1_000;
const LONGEST_BEAT_MS = 60_000;

function withObserved(live: Live, observedBeatMs: number | undefined): Live {
  return live.observedBeatMs === undefined && observedBeatMs !== undefined ? { ...live, observedBeatMs } : live;
}

export function onDraining(record: DaemonRecord, draining: Draining, { now }: Context): Step {
  const live = liveOf(record.state);
  if (!live) return noEffects(record);
  const ending = endingOf(record, draining);
  return noEffects({
    ...record,
    state: { is: "draining", since: now, live, draining, ending },
    heardAt: now,
    wanted: wantedAfter(ending, record),
  });
}

/** The end of the connection shows a death at once. What it means depends on what the daemon announced before. */
export function onDisconnected(before: DaemonRecord, context: Context): Step {
  const live = liveOf(before.state);
  // There is no connection to lose after a handshake without an answer; and two ends of one connection are one death.
  if (!live) return noEffects(before);
  const { now } = context;
  const record = { ...before, beats: withMark(before.beats, { at: now, what: "ended" }) };
  const { state, operation } = record;
  if (record.control === "read-only") return noEffects(inState(record, absent(now)));

  if (state.is === "draining") {
    switch (state.ending) {
      case "restart":
        return noEffects(inState(record, starting(operation ? "ours" : "theirs", "restart", now)));
      case "stop":
        return stopped(record, state.draining, context);
      case "fault":
        return died(record, live.identity, `it could not go on: ${state.draining.reason}`, context);
    }
  }
  if (operation?.kind === "stop") return stopped(record, { by: "this app", reason: "stop" }, context);
  if (operation) return noEffects(inState(record, starting("ours", "restart", now)));
  if (context.asleep && record.wanted === "running")
    return noEffects(inState(record, starting("theirs", "nothing", now)));
  // Most likely another client killed it in order to replace it, so its successor is waited for.
  if (state.is === "unresponsive") return noEffects(inState(record, starting("theirs", "death", now)));
  return died(record, live.identity, "it ended without notice", context);
}

export function onAbsent(record: DaemonRecord, { now }: Context): Step {
  const isKnown = record.state.is === "stopped" && record.state.why.is === "absent";
  if (record.control === "read-only") return noEffects(isKnown ? record : inState(record, absent(now)));
  return record.state.is === "stopped" && record.state.why.is === "unknown"
    ? noEffects(inState(record, absent(now)))
    : noEffects(record);
}

export function onUnusable(
  record: DaemonRecord,
  { kind, error }: Extract<DaemonEvent, { type: "unusable" }>,
  { now }: Context,
): Step {
  // The operation under way ends with an outcome of its own.
  if (record.operation) return noEffects(record);
  if (kind === "unresponsive") {
    return noEffects(inState(record, { is: "unresponsive", since: record.heardAt, live: undefined, error }));
  }
  const last = liveOf(record.state)?.identity;
  const what = kind === "refused" ? "refused" : "unreachable";
  const { state } = record;
  // Each try that fails in the same way is the same problem still.
  if (state.is === "failed" && state.what === what && state.error === error) return noEffects(record);
  return noEffects(inState(record, { is: "failed", since: now, what, error, retryAt: undefined, last }));
}

/** The state of a connected daemon: running, or drifted if its version differs from the installed one. */
export function settled(live: Live, installed: DaemonRecord["installed"]): DaemonState {
  const drift = driftOf(live.identity, installed);
  return drift ? { is: "drifted", live, drift } : { is: "running", live };
}

export function starting(
  whose: "ours" | "theirs",
  after: Extract<DaemonState, { is: "starting" }>["after"],
  since: number,
): DaemonState {
  return { is: "starting", since, whose, after };
}

export function inState(record: DaemonRecord, state: DaemonState): DaemonRecord {
  return { ...record, state };
}

function heard(
  record: DaemonRecord,
  factsOf: (before: LiveFacts | undefined) => LiveFacts | undefined,
  { now }: Context,
): DaemonRecord {
  const before = liveOf(record.state);
  if (!before) return record;
  const live = { ...before, facts: factsOf(before.facts) };
  const { state } = record;
  // A daemon that is heard again is responsive; one that drains still drains.
  const next = state.is === "draining" ? { ...state, live } : settled(live, record.installed);
  return { ...record, state: next, heardAt: now };
}

/** The newest request counts: a restart after a stop that was still under way takes the stop back. */
function wantedAfter(ending: Ending, { wanted }: DaemonRecord): DaemonRecord["wanted"] {
  switch (ending) {
    case "stop":
      return "stopped";
    case "restart":
      return "running";
    case "fault":
      return wanted;
  }
}

/** An operation of this app's own says what the end is for; otherwise the daemon does. */
function endingOf({ operation }: DaemonRecord, draining: Draining): Ending {
  if (operation) return operation.kind === "stop" ? "stop" : "restart";
  switch (draining.for) {
    case "restart":
    case "fault":
      return draining.for;
    default:
      return "stop";
  }
}

function stopped(record: DaemonRecord, { by, reason }: Pick<Draining, "by" | "reason">, { now }: Context): Step {
  if (record.wanted === "stopped") {
    return noEffects(inState(record, { is: "stopped", since: now, why: { is: "deliberate", by, reason } }));
  }
  // A start was requested while the daemon was still ending.
  const operation = { kind: "start", since: now, progress: undefined } as const;
  const next = { ...inState(record, starting("ours", "restart", now)), operation, problem: undefined };
  return { record: next, effects: [{ do: "start", daemon: record.id, why: "requested" }] };
}

function absent(now: number): DaemonState {
  return { is: "stopped", since: now, why: { is: "absent" } };
}
