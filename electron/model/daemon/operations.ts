import type { Progress } from "../../../src/client/progress.js";
import { inState, starting } from "./connection.js";
import { liveOf, type DaemonRecord, type Operation } from "./daemon-state.js";
import type { Effect } from "../effects.js";
import type { DaemonEvent } from "../events.js";
import { startFailed } from "./failures.js";
import { noEffects, type Context, type Step } from "../step.js";

/** By a click, and by the start of the app itself. */
export function onStartRequested(record: DaemonRecord, context: Context): Step {
  if (record.control === "read-only" || record.operation) return noEffects({ ...record, wanted: wantedOf(record) });
  const wanted = forgiven({ ...record, wanted: "running" });
  switch (record.state.is) {
    case "stopped":
    case "failed":
      return begin(inState(wanted, starting("ours", "nothing", context.now)), "start", context);
    case "starting":
      return record.state.whose === "ours" ? noEffects(wanted) : begin(wanted, "start", context);
    // A draining daemon is started again once it has ended.
    case "draining":
    case "running":
      return noEffects(wanted);
    case "drifted":
    case "unresponsive":
      return onRestartRequested(record, false, context);
  }
}

export function onRestartRequested(record: DaemonRecord, force: boolean, context: Context): Step {
  if (record.control === "read-only" || record.operation) return noEffects(record);
  const wanted = forgiven({ ...record, wanted: "running" });
  const why = record.state.is === "unresponsive" ? "unresponsive" : "requested";
  const effect: Effect = { do: "restart", daemon: record.id, why, force };
  const waiting = record.state.is === "stopped" || record.state.is === "failed";
  const next = waiting ? inState(wanted, starting("ours", "nothing", context.now)) : wanted;
  return { record: operating(next, "restart", context), effects: [effect] };
}

/**
 * Ends our own retries, and takes the place of a start or restart under way, whose outcome is ignored. That start is not
 * aborted: if it comes up after the stop, the daemon runs.
 */
export function onStopRequested(record: DaemonRecord, context: Context): Step {
  if (record.control === "read-only" || record.operation?.kind === "stop") return noEffects(record);
  const { state } = record;
  const stopping = operating(forgiven({ ...record, wanted: "stopped" }), "stop", context);
  // A failed daemon is not retried any more, even if the stop fails.
  const next = state.is === "failed" ? inState(stopping, { ...state, retryAt: undefined }) : stopping;
  return { record: next, effects: [{ do: "stop", daemon: record.id }] };
}

export function onProgress(record: DaemonRecord, what: Progress, { now }: Context): Step {
  if (!record.operation) return noEffects(record);
  return noEffects({ ...record, operation: { ...record.operation, progress: { at: now, what } } });
}

/** The following connection reports the daemon that was started. If it reports none, the daemon died at once. */
export function onStarted(record: DaemonRecord, { now }: Context): Step {
  if (isSuperseded(record)) return noEffects(record);
  const idle: DaemonRecord = { ...record, operation: undefined, problem: undefined };
  return noEffects(record.state.is === "starting" ? inState(idle, starting("theirs", "death", now)) : idle);
}

export function onStartFailed(
  record: DaemonRecord,
  { kind, error }: Extract<DaemonEvent, { type: "startFailed" }>,
  context: Context,
): Step {
  if (isSuperseded(record)) return noEffects(record);
  const { now } = context;
  const live = liveOf(record.state);
  const idle: DaemonRecord = { ...record, operation: undefined };
  if (live && record.state.is !== "draining") {
    const problem = { kind: record.operation?.kind ?? "restart", refused: kind === "refused", error, at: now };
    return { record: { ...idle, problem }, effects: [restartFailed(record, error)] };
  }
  switch (kind) {
    case "refused": {
      const state = {
        is: "failed",
        since: now,
        what: "refused",
        error,
        retryAt: undefined,
        last: live?.identity,
      } as const;
      return { record: inState(idle, state), effects: [restartFailed(record, error)] };
    }
    case "unresponsive": {
      const state = { is: "unresponsive", since: record.heardAt, live: undefined, error } as const;
      return noEffects(inState(idle, state));
    }
    case "failed":
      return startFailed(record, error, context);
  }
}

export function onStopped(record: DaemonRecord, context: Context): Step {
  if (record.operation?.kind !== "stop") return noEffects(record);
  const idle: DaemonRecord = { ...record, operation: undefined };
  // The end of the connection is still to come, with the daemon's own reason.
  if (liveOf(record.state)) return noEffects(idle);
  if (record.wanted === "running") return startAgain(idle, "requested", context);
  if (record.state.is === "stopped" && record.state.why.is === "deliberate") return noEffects(idle);
  const why = { is: "deliberate", by: "this app", reason: "stop" } as const;
  return noEffects(inState(idle, { is: "stopped", since: context.now, why }));
}

export function onStopFailed(record: DaemonRecord, error: string, { now }: Context): Step {
  const idle = { ...record, operation: undefined, problem: { kind: "stop", refused: false, error, at: now } as const };
  if (record.state.is !== "starting") return noEffects(idle);
  return noEffects(inState(idle, { is: "unresponsive", since: record.heardAt, live: undefined, error }));
}

/** The outcome belongs to a start that a stop has superseded; the stop may have ended already. */
function isSuperseded({ operation }: DaemonRecord): boolean {
  return operation === undefined || operation.kind === "stop";
}

/** A start without a request of the user's, except after a stop that was taken back. */
export function startAgain(record: DaemonRecord, why: Extract<Effect, { do: "start" }>["why"], context: Context): Step {
  const after = record.state.is === "failed" ? "death" : "nothing";
  const next = inState(record, starting("ours", after, context.now));
  return { record: operating(next, "start", context), effects: [{ do: "start", daemon: record.id, why }] };
}

function begin(record: DaemonRecord, kind: "start", context: Context): Step {
  return { record: operating(record, kind, context), effects: [{ do: "start", daemon: record.id, why: "requested" }] };
}

function operating(record: DaemonRecord, kind: Operation["kind"], { now }: Context): DaemonRecord {
  return { ...record, operation: { kind, since: now, progress: undefined }, problem: undefined };
}

/** A request of the user's is not counted against earlier failures. */
function forgiven(record: DaemonRecord): DaemonRecord {
  return { ...record, failures: [], failuresInARow: 0 };
}

function wantedOf(record: DaemonRecord): DaemonRecord["wanted"] {
  return record.control === "read-only" ? record.wanted : "running";
}

function restartFailed(record: DaemonRecord, error: string): Effect {
  const title = `The ${record.name} daemon could not be restarted`;
  return { do: "notify", daemon: record.id, about: "restart-failed", title, body: error };
}
