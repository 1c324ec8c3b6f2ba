import type { Command } from "../ipc/command.js";
import type { DaemonId, DaemonState } from "../model/daemon/daemon-state.js";
import type { Settings } from "../settings/settings.js";
import type { ServerState } from "../../src/wire/control.js";
import type { Line } from "../../src/text/ticking-line.js";

/** The window's content as plain data. The main process writes the texts, so that menu and window agree. */
export interface WindowView {
  /** For the switch between daemons, which is shown when there is more than one. */
  daemons: readonly DaemonTab[];
  daemon: DaemonView;
  app: AppView;
  /** `startAtLogin`: what the desktop will do, whatever the file says. */
  settings: Omit<Settings, "otherDaemons">;
}

/** One shape per state, so that states differ by more than colour. `looking`: the state is not known yet. */
export type Shape = DaemonState["is"] | "looking";

/** The colour that goes with a shape and its words. */
export type Tone = "ok" | "busy" | "warn" | "bad" | "off";

export interface DaemonTab {
  id: DaemonId;
  name: string;
  shape: Shape;
  tone: Tone;
  /** The state in words. */
  title: string;
}

export interface DaemonView {
  id: DaemonId;
  name: string;
  shape: Shape;
  tone: Tone;
  title: string;
  line: Line;
  /** Why this daemon can't be started, stopped or restarted; undefined when it can. */
  readOnly: string | undefined;
  /** The button beside the state. */
  primary: (Button & { emphasis: boolean }) | undefined;
  /** The "More actions" menu, in groups. */
  actions: readonly (readonly Button[])[];
  progress: ProgressView | undefined;
  banners: readonly Banner[];
  facts: readonly Fact[];
  heartbeat: HeartbeatView | undefined;
  servers: ServersView;
  /** Undefined also while it is among the newest events. */
  lastRestart: RecentEvent | undefined;
  recentEvents: readonly RecentEvent[];
  logName: string;
}

export interface Button {
  label: string;
  command: Command;
  enabled: boolean;
}

/** An operation: when it began, and by when it ends at the latest. */
export interface ProgressView {
  text: string;
  since: number;
  until: number | undefined;
}

export interface Banner {
  /** The same for as long as the banner is about the same thing, so that it is announced once. */
  key: string;
  tone: Tone;
  title: string;
  text: Line | undefined;
  button: Button | undefined;
  dismiss: Command | undefined;
}

export interface Fact {
  label: string;
  value: Line;
  /** A second line below the value. */
  note: string | undefined;
  /** The full value where `value` is shortened. */
  full: string | undefined;
}

export interface HeartbeatView {
  lastBeatAt: number;
  intervalMs: number;
  windowMs: number;
  /** False for a daemon that is stopping: a missing beat is no sign of a problem then. */
  watched: boolean;
  /** `lagMs` is undefined for a daemon that does not report it. */
  beats: readonly { at: number; lagMs: number | undefined }[];
  marks: readonly { at: number; what: "started" | "ended" | "woke" }[];
}

export type ServersView =
  | { is: "unknown" }
  | { is: "waiting" }
  | { is: "none"; hint: string; button: Button | undefined }
  | { is: "some"; servers: readonly ServerRow[] };

export interface ServerRow {
  name: string;
  state: ServerState;
  tone: Tone;
  /** The state in words; undefined for a server that is ready. */
  words: string | undefined;
  sessions: string;
  calls: string;
  problem: string | undefined;
  full: string;
  restart: Button | undefined;
}

export interface RecentEvent {
  key: string;
  at: number | undefined;
  sign: "restart" | "start" | "stop" | "crash" | "note";
  tone: Tone;
  /** The sign in words, for screen readers. */
  kind: string;
  title: string;
  details: readonly string[];
}

export interface AppView {
  version: string;
  platform: "linux" | "darwin";
  updates: {
    text: Line;
    button: Button | undefined;
    percent: number | undefined;
    /** True when this app can update itself, so that the switch makes sense. */
    canUpdateItself: boolean;
  };
  firstRun: boolean;
  /** Installs `lockstep` for the terminal, where it is not installed yet and the app can do so. */
  installCommandLine: Button | undefined;
  /** The entry that starts the app at login is there, and disabled in the desktop's own settings. */
  loginItemDisabled: boolean;
}
