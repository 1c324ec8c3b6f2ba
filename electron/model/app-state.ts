import type { DaemonId, DaemonRecord } from "./daemon/daemon-state.js";
import type { Settings } from "../settings/settings.js";

/** The whole app as plain data: icon, tooltip, menu, window, notifications and diagnostics are functions of it. */
export interface AppState {
  /** At least one; the first is Lockstep's own, which icon and tooltip speak of. */
  daemons: readonly DaemonRecord[];
  /** The one that the window shows. */
  selected: DaemonId;
  app: AppFacts;
  settings: Settings;
  /** Between `suspend` and `resume` nobody is judged. */
  asleep: boolean;
}

export interface AppFacts {
  pid: number;
  /** The user's home directory, which is written as ~ wherever a path is shown. */
  home: string;
  /** Of the code that runs. */
  version: string;
  buildId: string | undefined;
  platform: "linux" | "darwin";
  /** Version and build that stand on disk now: others than those that run once the app was replaced beneath us. */
  onDisk: { version: string; buildId: string | undefined } | undefined;
  update: UpdateState;
  /** Of an AppImage, while what its daemon runs from is being put in place, or when that failed. */
  staging: StagingState | undefined;
  /** `lockstep` for the terminal: is it there, or to be offered? */
  commandLine: CommandLineState;
}

/** `not-offered`: a package manager sees to it, or this is a checkout. */
export interface CommandLineState {
  is: "not-offered" | "absent" | "installed";
  /** What came of the last click, until it is dismissed. */
  notice: CommandLineNotice | undefined;
}

export interface CommandLineNotice {
  tone: "ok" | "warn" | "bad";
  title: string;
  text: string;
}

export type StagingState = { is: "copying"; to: string } | { is: "failed"; error: string };

export type UpdateState =
  /** No feed was set when the app was packaged, or it runs from its sources. `why` says so in a sentence. */
  | { is: "off"; why: string }
  | { is: "idle"; checkedAt: number | undefined }
  | { is: "checking" }
  /** `received` and `total` in bytes; the total is unknown until the server told it. */
  | { is: "downloading"; version: string; received: number; total: number | undefined }
  /** Downloaded and verified; it is installed when the user says so, or quits. */
  | { is: "ready"; version: string }
  /** `error` is a sentence; `nextAt` is when it is tried again without being asked, epoch ms. */
  | { is: "failed"; error: string; nextAt: number | undefined };

/** Was the app's own code replaced while it ran? Then its judgement is that of an older version. */
export function isStale(app: AppFacts): boolean {
  const { onDisk, version, buildId, staging } = app;
  // What could not be put in place has replaced nobody: the older one on disk is only the one that serves meanwhile.
  if (!onDisk || staging) return false;
  if (onDisk.version !== version) return true;
  return buildId !== undefined && onDisk.buildId !== undefined && onDisk.buildId !== buildId;
}

export function recordOf(state: AppState, id: DaemonId): DaemonRecord | undefined {
  return state.daemons.find((record) => record.id === id);
}

/** The daemon that icon, tooltip and the menu's first lines speak of. */
export function ownDaemon(state: AppState): DaemonRecord {
  const own = state.daemons[0];
  if (!own) throw new Error("the app has no daemon to speak of");
  return own;
}
