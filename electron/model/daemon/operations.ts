import type { Progress } from "../../../src/client/progress.js";
import { begin, startAgain } from "./begin-operation.js";
import { liveOf, type DaemonRecord } from "./daemon-state.js";
import type { Effect } from "../effects.js";
import type { DaemonEvent } from "../events.js";
import { startFailed } from "./failures.js";
import { inState, starting } from "./next-state.js";
import { noEffects, type Context, type Step } from "../step.js";

/** A daemon that does not answer is then shown, and not replaced: only a click does that. */
export function onAppOpened(record: DaemonRecord, context: Context): Step {
  if (record.control === "read-only" || record.operation || liveOf(record.state)) return noEffects(record);
  const next = { ...inState(record, starting("ours", "nothing", context.now)), wanted: "running" } as const;
  return begin(next, "start", { do: "start", why: "opened" }, context);
}

export function onStartRequested(record: DaemonRecord, context: Context): Step {
  if (record.control === "read-only") return noEffects(record);
  // A start under way is what was asked for; after a stop under way the daemon is started.
  if (record.operation) return noEffects({ ...record, wanted: "running" });
  const wanted = forgiven({ ...record, wanted: "running" });
  const start = { do: "start", why: "requested" } as const;
  switch (record.state.is) {
    case "stopped":
    case "failed":
      return begin(inState(wanted, starting("ours", "nothing", context.now)), "start", start, context);
    case "starting":
      return record.state.whose === "ours" ? noEffects(wanted) : begin(wanted, "start", start, context);
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
  if (record.control === "read-only") return noEffects(record);
  // A start under way gives a fresh daemon too; after a stop under way the daemon is started.
  if (record.operation) return noEffects({ ...record, wanted: "running" });
  const wanted = forgiven({ ...record, wanted: "running" });
  const why = record.state.is === "unresponsive" ? "unresponsive" : "requested";
  const waiting = record.state.is === "stopped" || record.state.is === "failed";
  const next = waiting ? inState(wanted, starting("ours", "nothing", context.now)) : wanted;
  return begin(next, "restart", { do: "restart", why, force }, context);
}

/** Ends our own retries, and takes the place of a start or restart under way, which is aborted. */
export function onStopRequested(record: DaemonRecord, context: Context): Step {
  if (record.control === "read-only") return noEffects(record);
  const stopping = forgiven({ ...record, wanted: "stopped" });
  if (record.operation?.kind === "stop") return noEffects(stopping);
  const { state } = record;
  // A failed daemon is not retried any more, even if the stop fails.
  const next = state.is === "failed" ? inState(stopping, { ...state, retryAt: undefined }) : stopping;
  return begin(next, "stop", { do: "stop" }, context);
}

export function onProgress(record: DaemonRecord, what: Progress, { now }: Context): Step {
  if (!record.operation) return noEffects(record);
  return noEffects({ ...record, operation: { ...record.operation, progress: { at: now, what } } });
}

/** Its connection comes next. Without one it is looked for after a while, and never called dead: it was there. */
export function onStarted(record: DaemonRecord, { now }: Context): Step {
  const idle: DaemonRecord = { ...record, operation: undefined, problem: undefined };
  switch (record.state.is) {
    case "stopped":
    case "starting":
    case "unresponsive":
    case "failed":
      return noEffects(inState(idle, starting("theirs", "nothing", now)));
    case "running":
    case "drifted":
    case "draining":
      return noEffects(idle);
  }
}

export function onStartFailed(
  record: DaemonRecord,
  { kind, error }: Extract<DaemonEvent, { type: "startFailed" }>,
  context: Context,
): Step {
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
  const idle: DaemonRecord = { ...record, operation: undefined };
  // The end of the connection is still to come, with the daemon's own reason.
  if (liveOf(record.state)) return noEffects(idle);
  if (record.wanted === "running") return startAgain(idle, "requested", context);
  if (record.state.is === "stopped" && record.state.why.is === "deliberate") return noEffects(idle);
  const why = { is: "deliberate", by: "this app", reason: "stop" } as const;
  return noEffects(inState(idle, { is: "stopped", since: context.now, why }));
}

export function onStopFailed(record: DaemonRecord, error: string, context: Context): Step {
  const { now } = context;
  const idle: DaemonRecord = { ...record, operation: undefined };
  // A start was requested meanwhile.
  if (record.wanted === "running" && !liveOf(record.state)) return startAgain(idle, "requested", context);
  const failed: DaemonRecord = { ...idle, problem: { kind: "stop", refused: false, error, at: now } };
  if (record.state.is !== "starting") return noEffects(failed);
  return noEffects(inState(failed, { is: "unresponsive", since: record.heardAt, live: undefined, error }));
}

/** A request of the user's is not counted against earlier failures. */
function forgiven(record: DaemonRecord): DaemonRecord {
  return { ...record, failures: [], failuresInARow: 0 };
}

function restartFailed(record: DaemonRecord, error: string): Effect {
  const title = `The ${record.name} daemon could not be restarted`;
  return { do: "notify", daemon: record.id, about: "restart-failed", title, body: error };
}
