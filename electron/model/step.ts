import type { DaemonRecord } from "./daemon/daemon-state.js";
import type { Effect } from "./effects.js";

/** What one event makes of one daemon's record. */
export interface Step {
  record: DaemonRecord;
  effects: Effect[];
}

export interface Context {
  now: number;
  /** The app's own code was replaced beneath it. */
  stale: boolean;
  asleep: boolean;
}

export function noEffects(record: DaemonRecord): Step {
  return { record, effects: [] };
}
