import type { DaemonRecord } from "./daemon/daemon-state.js";
import type { Effect } from "./effects.js";

/** What one event does to one daemon's record. */
export interface Step {
  record: DaemonRecord;
  effects: Effect[];
}

export interface Context {
  now: number;
  /** The app's files were replaced while it runs. */
  stale: boolean;
  asleep: boolean;
  /** How daemons and the log name this app: `tray (pid 812)`. */
  self: string;
}

export function noEffects(record: DaemonRecord): Step {
  return { record, effects: [] };
}
