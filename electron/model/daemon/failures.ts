import type { Identity } from "../../../src/version/identity.js";
import type { DaemonRecord, DaemonState } from "./daemon-state.js";
import type { Effect } from "../effects.js";
import { noEffects, type Context, type Step } from "../step.js";
import { durationText } from "../../../src/text/duration.js";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** So many failures within CRASH_WINDOW_MS are a crash loop: more starts would only fill the log. */
const CRASH_LOOP = 5;
const CRASH_WINDOW_MS = 2 * 60_000;
/** A daemon that has run for so long is counted as healthy, whatever failed before. */
export const STABLE_MS = 60_000;

/** The daemon ended without a request. */
export function died(record: DaemonRecord, last: Identity | undefined, how: string, context: Context): Step {
  const pid = last?.pid === undefined ? "The daemon" : `The daemon (PID ${last.pid})`;
  const error = `${pid} stopped unexpectedly: ${how}.`;
  if (record.wanted === "stopped") {
    const why = { is: "deliberate", by: "another program", reason: how } as const;
    return noEffects({ ...record, state: { is: "stopped", since: context.now, why } });
  }
  return failed(record, { what: "died", error, last }, context, {
    do: "notify",
    daemon: record.id,
    about: "died",
    title: `${titleOf(record)} stopped unexpectedly`,
    body: `Lockstep starts it again. ${error}`,
  });
}

/** The installed daemon could not be started, for another reason than a refusal. */
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
    const error = `It failed ${failures.length} times within ${durationText(CRASH_WINDOW_MS)}, so it is not started again automatically. Last error: ${failure.error}`;
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
    // One notification for a series of failures.
    effects: failuresInARow === 1 ? [notice] : [],
  };
}

function titleOf({ name }: DaemonRecord): string {
  return `The ${name} daemon`;
}

/** How long to wait before the next start after the `n`th failure in a row: 1, 2, 4 … 60 s. */
function pauseAfter(n: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** Math.max(0, n - 1), LONGEST_PAUSE_MS);
}

/** The failures within CRASH_WINDOW_MS, including one at `now`. */
function withFailure(failures: readonly number[], now: number): number[] {
  return [...failures.filter((at) => at > now - CRASH_WINDOW_MS && at <= now), now];
}
