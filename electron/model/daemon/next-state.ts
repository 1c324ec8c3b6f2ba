import type { DaemonRecord, DaemonState, Live } from "./daemon-state.js";
import { driftOf } from "./drift.js";

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

export function absent(since: number): DaemonState {
  return { is: "stopped", since, why: { is: "absent" } };
}

export function inState(record: DaemonRecord, state: DaemonState): DaemonRecord {
  return { ...record, state };
}
