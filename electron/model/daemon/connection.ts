import type { Draining } from "../../../src/wire/control.js";
import type { Identity } from "../../../src/version/identity.js";
import type { AppStartCause } from "../../../src/version/restart-cause.js";
import { withBeat, withMark } from "./beats.js";
import { liveOf, type Beat, type DaemonRecord, type Ending, type Live, type LiveFacts } from "./daemon-state.js";
import { startAgain } from "./begin-operation.js";
import type { DaemonEvent } from "../events.js";
import { died } from "./failures.js";
import { absent, inState, settled, starting } from "./next-state.js";
import { noEffects, type Context, type Step } from "../step.js";

export function onConnected(
  record: DaemonRecord,
  { identity, installed }: Extract<DaemonEvent, { type: "connected" }>,
  context: Context,
): Step {
  const { now } = context;
  const live: Live = { identity, connectedAt: now, facts: undefined };
  const known = installed ?? record.installed;
  const sameAsBefore = liveOf(record.state)?.identity.pid === identity.pid;
  return noEffects({
    ...record,
    installed: known,
    state: settled(live, known),
    heardAt: now,
    wanted: isStartedByAnother(record, identity, context) ? "running" : record.wanted,
    seen: identity,
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

export function onDraining(record: DaemonRecord, draining: Draining, context: Context): Step {
  const { now } = context;
  const live = liveOf(record.state);
  if (!live) return noEffects(record);
  const ending = endingOf(record, draining);
  return noEffects({
    ...record,
    state: { is: "draining", since: now, live, draining, ending },
    heardAt: now,
    wanted: wantedAfter(ending, draining, record, context),
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
    // A stop may have taken the place of the restart that ends it.
    switch (operation?.kind === "stop" ? "stop" : state.ending) {
      case "restart":
        return noEffects(inState(record, starting(operation ? "ours" : "theirs", "restart", now)));
      case "stop":
        return stopped(record, state.draining, "requested", context);
      case "upgrade":
        return stopped(record, state.draining, "drift", context);
      case "fault":
        return died(record, live.identity, `it could not go on: ${state.draining.reason}`, context);
    }
  }
  if (operation?.kind === "stop") return stopped(record, { by: "this app", reason: "stop" }, "requested", context);
  if (operation) return noEffects(inState(record, starting("ours", "restart", now)));
  if (context.asleep && record.wanted === "running")
    return noEffects(inState(record, starting("theirs", "nothing", now)));
  // Most likely another client killed it in order to replace it, so its successor is waited for.
  if (state.is === "unresponsive") return noEffects(inState(record, starting("theirs", "death", now)));
  return died(record, live.identity, "it ended without notice", context);
}

/** No daemon runs, and none is being started. What ended while it was connected is reported before, as disconnected. */
export function onAbsent(record: DaemonRecord, { now }: Context): Step {
  const { state, operation, wanted, control } = record;
  // The operation under way ends with an outcome of its own.
  if (operation || liveOf(state)) return noEffects(record);
  const isDeliberate = state.is === "stopped" && state.why.is === "deliberate";
  if (state.is === "stopped" || wanted === "stopped" || control === "read-only") {
    return noEffects(isDeliberate ? record : { ...inState(record, absent(now)), problem: undefined });
  }
  switch (state.is) {
    // The client that ended it may be replacing it, so its successor is waited for.
    case "unresponsive":
      return noEffects(inState(record, starting("theirs", "death", now)));
    case "failed":
      return state.what === "refused" || state.what === "unreachable"
        ? noEffects(inState(record, starting("theirs", "nothing", now)))
        : noEffects(record);
    case "starting":
    case "running":
    case "drifted":
    case "draining":
      return noEffects(record);
  }
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
  const { state } = record;
  const last = liveOf(state)?.identity;
  // A failed start is tried again, or has its own reason why not.
  if (kind === "failed" && state.is === "failed" && state.what !== "refused" && state.what !== "unreachable") {
    return noEffects(record);
  }
  const what = kind === "refused" ? "refused" : "unreachable";
  // Each try that fails in the same way is the same problem still.
  if (state.is === "failed" && state.what === what && state.error === error) return noEffects(record);
  return noEffects(inState(record, { is: "failed", since: now, what, error, retryAt: undefined, last }));
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

/** Then it is to run, whatever was stopped before. The daemon that was stopped says nothing new by connecting again. */
function isStartedByAnother({ operation, seen }: DaemonRecord, identity: Identity, { self }: Context): boolean {
  if (operation?.kind === "stop" || identity.launchedBy === self) return false;
  return identity.pid === undefined || identity.pid !== seen?.pid || identity.startedAt !== seen.startedAt;
}

/** The newest request counts: another's restart after a stop that was still under way takes the stop back. */
function wantedAfter(
  ending: Ending,
  { by }: Draining,
  { wanted, operation }: DaemonRecord,
  { self }: Context,
): DaemonRecord["wanted"] {
  switch (ending) {
    case "stop":
      // The stop of this app's own was noted at the click, and a click may have taken it back since.
      return operation ? wanted : "stopped";
    case "restart":
      return by === self ? wanted : "running";
    case "upgrade":
    case "fault":
      return wanted;
  }
}

/** An operation of this app's own says what the end is for; otherwise the daemon does. */
function endingOf({ operation }: DaemonRecord, draining: Draining): Ending {
  if (operation) return operation.kind === "stop" ? "stop" : "restart";
  return draining.for ?? "stop";
}

function stopped(
  record: DaemonRecord,
  { by, reason }: Pick<Draining, "by" | "reason">,
  why: Extract<AppStartCause, "requested" | "drift">,
  context: Context,
): Step {
  // A start was requested while the daemon was still ending, or a new version is to take its place.
  if (record.wanted === "running") return startAgain(record, why, context);
  const since = context.now;
  return noEffects(inState(record, { is: "stopped", since, why: { is: "deliberate", by, reason } }));
}
