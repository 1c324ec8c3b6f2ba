import type { Command } from "../ipc/command.js";
import type { DaemonId, DaemonState } from "../model/daemon/daemon-state.js";
import type { Settings } from "../settings/settings.js";
import type { ServerState } from "../../src/wire/control.js";
import type { Line } from "../../src/text/ticking-line.js";

/** All that the window shows, as plain data. Words are made by the main process, so that menu and window say the same. */
export interface WindowView {
  /** For the switch between daemons; one entry means that there is nothing to switch. */
  daemons: readonly DaemonTab[];
  daemon: DaemonView;
  app: AppView;
  settings: Omit<Settings, "otherDaemons">;
}

/** One shape per state, so that colour is never all that tells them apart. `looking`: nothing is known yet. */
export type Shape = DaemonState["is"] | "looking";

/** What colour may add to a shape and its words. */
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
  /** Why nothing here can be started, stopped or restarted. */
  readOnly: string | undefined;
  /** The one thing to do now. */
  primary: (Button & { emphasis: boolean }) | undefined;
  /** The rest of the actions, in groups. */
  actions: readonly (readonly Button[])[];
  progress: ProgressView | undefined;
  banners: readonly Banner[];
  facts: readonly Fact[];
  pulse: Pulse | undefined;
  servers: ServersView;
  /** Undefined too when the newest recentEvents tell of it. */
  lastRestart: RecentEvent | undefined;
  recentEvents: readonly RecentEvent[];
  logName: string;
}

export interface Button {
  label: string;
  command: Command;
  enabled: boolean;
}

/** What is under way: since when, and by when it is over at the latest. */
export interface ProgressView {
  text: string;
  since: number;
  until: number | undefined;
}

export interface Banner {
  /** Stable while it is about the same thing, so that it is announced once. */
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
  /** A little more, below the value. */
  note: string | undefined;
  /** In full, where the value is cut or shortened. */
  full: string | undefined;
}

export interface Pulse {
  lastBeatAt: number;
  intervalMs: number;
  windowMs: number;
  /** Is the next beat expected? Not of a daemon that is on its way out. */
  watched: boolean;
  beats: readonly { at: number; lagMs: number }[];
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
  /** The state in words, when it is not simply ready. */
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
  /** The kind in words, for those who do not see the sign. */
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
    /** Can they come by themselves, so that it makes sense to forbid it? */
    automatic: boolean;
  };
  firstRun: boolean;
}
