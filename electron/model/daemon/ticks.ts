import { withMark } from "./beats.js";
import { startAgain } from "./begin-operation.js";
import { beatIntervalOf, liveOf, type DaemonRecord } from "./daemon-state.js";
import { died, STABLE_MS } from "./failures.js";
import { inState, starting } from "./next-state.js";
import { noEffects, type Context, type Step } from "../step.js";

/** A daemon is unresponsive once two intervals have passed without a heartbeat. */
const SILENT_INTERVALS = 2;
/** Another tool's daemon may promise any interval; these are the shortest and the longest that are believed, ms. */
const SHORTEST_INTERVAL_MS = 500;
const LONGEST_INTERVAL_MS = 10 * 60_000;
/**
 * How long another client's restart, or the connection to a daemon that was started, may take before the app makes the
 * handshake itself, under the same lock, ms.
 */
const THEIRS_BOUND_MS = 10_000;
/** How long the successor of an unresponsive daemon may take until it connects, ms. */
const SUCCESSOR_BOUND_MS = 3_000;

/** When this daemon's record needs the next tick, epoch ms; undefined while it waits for an event. */
export function dueAt(record: DaemonRecord): number | undefined {
  const { state, operation } = record;
  switch (state.is) {
    case "running":
    case "drifted":
      return earliest(silentAt(record), stableAt(record));
    case "starting":
      // An operation ends by its own outcome.
      return state.whose === "theirs" && !operation ? state.since + successorBound(state.after) : undefined;
    case "failed":
      return operation ? undefined : state.retryAt;
    case "stopped":
    case "draining":
    case "unresponsive":
      return undefined;
  }
}

export function onTick(before: DaemonRecord, context: Context): Step {
  const record = stable(before, context.now);
  const { state } = record;
  const due = dueAt(record);
  if (due === undefined || context.now < due || context.asleep) return noEffects(record);
  switch (state.is) {
    case "running":
    case "drifted":
      return noEffects(
        inState(record, { is: "unresponsive", since: record.heardAt, live: state.live, error: undefined }),
      );
    case "starting":
      return state.after === "death"
        ? died(record, undefined, "no other daemon took its place", context)
        : startAgain(record, "gone", context);
    case "failed":
      return startAgain(record, "died", context);
    case "stopped":
    case "draining":
    case "unresponsive":
      return noEffects(record);
  }
}

/** After sleep, or a pause of this process: silence until now is not counted, and every wait begins again. */
export function onResume(before: DaemonRecord, context: Context): Step {
  const { now } = context;
  const record = stable(before, now);
  const beats = liveOf(record.state) ? withMark(record.beats, { at: now, what: "woke" }) : record.beats;
  const awake: DaemonRecord = { ...record, heardAt: now, beats };
  const { state } = awake;
  if (state.is === "failed" && state.retryAt !== undefined && state.retryAt <= now && !awake.operation) {
    return startAgain(awake, "woke", context);
  }
  if (state.is === "starting" && state.whose === "theirs" && !awake.operation) {
    if (state.after === "nothing" && awake.control === "full") return startAgain(awake, "woke", context);
    return noEffects(inState(awake, starting("theirs", state.after, now)));
  }
  return noEffects(awake);
}

function silentAt({ heardAt, state }: DaemonRecord): number | undefined {
  const live = liveOf(state);
  const interval = live && beatIntervalOf(live);
  // A daemon that promises no heartbeat may be silent for any time.
  if (interval === undefined) return undefined;
  return heardAt + SILENT_INTERVALS * Math.min(Math.max(interval, SHORTEST_INTERVAL_MS), LONGEST_INTERVAL_MS);
}

function stableAt({ failuresInARow, state }: DaemonRecord): number | undefined {
  const live = liveOf(state);
  return failuresInARow > 0 && live ? live.connectedAt + STABLE_MS : undefined;
}

function stable(record: DaemonRecord, now: number): DaemonRecord {
  const at = stableAt(record);
  return at !== undefined && now >= at ? { ...record, failures: [], failuresInARow: 0 } : record;
}

function successorBound(after: "nothing" | "restart" | "death"): number {
  return after === "death" ? SUCCESSOR_BOUND_MS : THEIRS_BOUND_MS;
}

function earliest(...times: (number | undefined)[]): number | undefined {
  const known = times.filter((at) => at !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
