import { liveOf, type DaemonRecord, type DaemonState } from "./daemon-state.js";

/**
 * The record after the machine's clock was set back by `byMs`: every time in it moves along, so that what was due in a
 * second still is, and what was heard a second ago still was. Times that others wrote, as in the log, stay.
 */
export function afterClockSetBack(record: DaemonRecord, byMs: number): DaemonRecord {
  const moved = <T extends { at: number }>(one: T): T => ({ ...one, at: one.at - byMs });
  const { operation, problem, beats, failures } = record;
  return {
    ...record,
    state: movedState(record.state, byMs),
    operation: operation && {
      ...operation,
      since: operation.since - byMs,
      progress: operation.progress && moved(operation.progress),
    },
    problem: problem && moved(problem),
    beats: { points: beats.points.map(moved), marks: beats.marks.map(moved) },
    heardAt: record.heardAt - byMs,
    failures: failures.map((at) => at - byMs),
  };
}

function movedState(state: DaemonState, byMs: number): DaemonState {
  const live = liveOf(state);
  const connection = live && { live: { ...live, connectedAt: live.connectedAt - byMs } };
  const since = "since" in state && { since: state.since - byMs };
  const retry = "retryAt" in state && { retryAt: state.retryAt === undefined ? undefined : state.retryAt - byMs };
  return { ...state, ...connection, ...since, ...retry };
}
