import type { Identity } from "../../../src/version/identity.js";
import { CRASH_LOOP, CRASH_WINDOW_MS, pauseAfter, withFailure } from "./backoff.js";
import type { DaemonRecord, DaemonState } from "./daemon-state.js";
import type { Effect } from "../events.js";
import { quietly, type Context, type Step } from "../step.js";
import { durationText } from "../../../src/text/duration.js";

/** The daemon ended and nobody had asked for it. */
export function died(record: DaemonRecord, last: Identity | undefined, how: string, context: Context): Step {
  const pid = last?.pid === undefined ? "The daemon" : `The daemon (PID ${last.pid})`;
  const error = `${pid} stopped unexpectedly: ${how}.`;
  if (record.wanted === "stopped") {
    const why = { is: "deliberate", by: "somebody", reason: how } as const;
    return quietly({ ...record, state: { is: "stopped", since: context.now, why } });
  }
  return failed(record, { what: "died", error, last }, context, {
    do: "notify",
    daemon: record.id,
    about: "died",
    title: `${titleOf(record)} stopped unexpectedly`,
    body: `It is started again. ${error}`,
  });
}

/** The installed daemon could not be started, and nothing forbade it. */
export function startFailed(record: DaemonRecord, error: string, context: Context): Step {
  return failed({ ...record, operation: undefined }, { what: "start-failed", error, last: undefined }, context, {
    do: "notify",
    daemon: record.id,
    about: "restart-failed",
    title: `${titleOf(record)} could not be started`,
    body: error,
  });
}

function failed(
  record: DaemonRecord,
  failure: Pick<Extract<DaemonState, { is: "failed" }>, "error" | "last"> & { what: "died" | "start-failed" },
  { now }: Context,
  notice: Effect,
): Step {
  const failures = withFailure(record.failures, now);
  const failuresInARow = record.failuresInARow + 1;
  const counted = { ...record, failures, failuresInARow };
  if (failures.length >= CRASH_LOOP) {
    const error = `It failed ${failures.length} times within ${durationText(CRASH_WINDOW_MS)}, so it is left alone now. Last: ${failure.error}`;
    return {
      record: {
        ...counted,
        state: { ...failure, is: "failed", since: now, what: "crash-loop", error, retryAt: undefined },
      },
      effects: [
        {
          do: "notify",
          daemon: record.id,
          about: "crash-loop",
          title: `${titleOf(record)} keeps crashing`,
          body: error,
        },
      ],
    };
  }
  return {
    record: { ...counted, state: { ...failure, is: "failed", since: now, retryAt: now + pauseAfter(failuresInARow) } },
    // The first of a series is news, the others are the same news.
    effects: failuresInARow === 1 ? [notice] : [],
  };
}

function titleOf({ name }: DaemonRecord): string {
  return `The ${name} daemon`;
}
