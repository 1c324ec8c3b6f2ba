import type { DaemonId, DaemonRecord } from "./daemon/daemon-state.js";
import type { Settings } from "../settings/settings.js";

/** The whole app as plain data: icon, tooltip, menu, window, notifications and diagnostics are functions of it. */
export interface AppState {
  /** At least one; the first is Lockstep's own, which icon and tooltip show. */
  daemons: readonly DaemonRecord[];
  /** The daemon that the window shows. */
  selected: DaemonId;
  /** When a late tick last showed that this process, or the whole machine, had stood still, epoch ms. */
  stoodStillAt: number | undefined;
  app: AppFacts;
  settings: Settings;
  /** What in the settings' file can't be used, in words. */
  settingsProblems: readonly string[];
  /** True between `suspend` and `resume`, while no silence is counted. */
  asleep: boolean;
  /** When the last event came, epoch ms. An earlier time now means that the machine's clock was set back. */
  now: number;
}

export interface AppFacts {
  pid: number;
  /** How daemons and the log name this app: `tray (pid 812)`. */
  self: string;
  /** The user's home directory, which is written as ~ wherever a path is shown. */
  home: string;
  /** Of the code that is running. */
  version: string;
  buildId: string | undefined;
  platform: "linux" | "darwin";
  /** Version and build on disk now. They differ from the running ones once the app's files were replaced. */
  onDisk: { version: string; buildId: string | undefined } | undefined;
  update: UpdateState;
  /** Of an AppImage: while its runtime is being copied, or when that failed. */
  staging: StagingState | undefined;
  /** The desktop's entry that starts the app at login; `disabled` in the desktop's own settings. */
  loginItem: "absent" | "enabled" | "disabled";
  /** Whether `lockstep` is installed for the terminal, or can be. */
  commandLine: CommandLineState;
  /** What the user has to know of the last command, or of the app itself, until it is dismissed. */
  notice: Notice | undefined;
  withoutTray: WithoutTray;
}

/** The desktop shows no tray icons, so the window is an ordinary one and says so, until that is dismissed. */
export type WithoutTray = "no" | "announced" | "dismissed";

/** `not-offered`: a package manager installs it, or this is a checkout. */
export type CommandLineState = "not-offered" | "absent" | "installed";

export interface Notice {
  tone: "ok" | "warn" | "bad";
  title: string;
  text: string;
}

export type StagingState = { is: "copying"; to: string } | { is: "failed"; error: string };

export type UpdateState =
  /** The app was packaged without a feed, or runs from its sources. `why` is a sentence. */
  | { is: "off"; why: string }
  | { is: "idle"; checkedAt: number | undefined }
  | { is: "checking" }
  /** `received` and `total` in bytes; the total is unknown until the server has sent it. */
  | { is: "downloading"; version: string; received: number; total: number | undefined }
  /** Downloaded and verified; it is installed at a click, or when the app quits. */
  | { is: "ready"; version: string }
  /** `error` is a sentence; `nextAt` is the next automatic try, epoch ms. */
  | { is: "failed"; error: string; nextAt: number | undefined };

/** True if the app's files were replaced while it runs: then it compares versions as an older release did. */
export function isStale(app: AppFacts): boolean {
  const { onDisk, version, buildId, staging } = app;
  // While an AppImage's runtime is not in place, an older one on disk serves, and has replaced nothing.
  if (!onDisk || staging) return false;
  if (onDisk.version !== version) return true;
  return buildId !== undefined && onDisk.buildId !== undefined && onDisk.buildId !== buildId;
}

export function recordOf(state: AppState, id: DaemonId): DaemonRecord | undefined {
  return state.daemons.find((record) => record.id === id);
}

/** The daemon that icon, tooltip and the first lines of the menu show. */
export function ownDaemon(state: AppState): DaemonRecord {
  const own = state.daemons[0];
  if (!own) throw new Error("the app has no daemon");
  return own;
}
