import type { Breadcrumb } from "../../../src/log/breadcrumbs.js";
import type { Draining, ServerStatus } from "../../../src/wire/control.js";
import type { Identity, Installed } from "../../../src/version/identity.js";
import type { LedgerEntry } from "../../../src/state/ledger.js";
import type { Progress } from "../../../src/client/progress.js";
import type { BeatHistory } from "./beats.js";
import type { Drift } from "./drift.js";

/** How the app stands to one daemon. Exactly one of these is true, and each holds what can be said of it. */
export type DaemonState =
  | { is: "stopped"; since: number; why: StoppedWhy }
  | { is: "starting"; since: number; whose: "ours" | "theirs"; after: "nothing" | "restart" | "death" }
  | { is: "running"; live: Live }
  | { is: "drifted"; live: Live; drift: Drift }
  | { is: "draining"; since: number; live: Live; draining: Draining; ending: Ending }
  /** `since`: the last sign of life. `error`: what a handshake that stayed without an answer was reported as. */
  | { is: "unresponsive"; since: number; live: Live | undefined; error: string | undefined }
  | {
      is: "failed";
      since: number;
      what: Failure;
      error: string;
      retryAt: number | undefined;
      last: Identity | undefined;
    };

export type StoppedWhy =
  /** Nothing is known yet: the app has just come up. */
  | { is: "unknown" }
  | { is: "deliberate"; by: string; reason: string }
  /** It is not ours to start, and nobody listens. */
  | { is: "absent" };

/** What a daemon that drains is making room for. `fault`: it gave up by itself, its state directory was taken away. */
export type Ending = "stop" | "restart" | "fault";

/** `unreachable`: its directory or its socket cannot be used, so that not even looking works. */
export type Failure = "died" | "start-failed" | "refused" | "crash-loop" | "unreachable";

/** A daemon that we are connected to. */
export interface Live {
  identity: Identity;
  connectedAt: number;
  /** Undefined until the first status came, or for good with a daemon that gives none. */
  facts: LiveFacts | undefined;
}

export interface LiveFacts {
  clients: number;
  inFlight: number;
  rssBytes: number;
  servers: readonly ServerStatus[];
}

/** What the app is doing about the daemon at the moment, at whose wish, and how far it is. */
export interface Operation {
  kind: "start" | "restart" | "stop";
  since: number;
  /** The newest word of the lifecycle, and when it came. */
  progress: { at: number; what: Progress } | undefined;
}

/** An operation that failed while the daemon stayed as it was: said in the window until something else happens. */
export interface Problem {
  kind: Operation["kind"];
  refused: boolean;
  error: string;
  at: number;
}

/** A breadcrumb out of the log. `key` is unique and sorts like the log. `at`: undefined where the log gives no time. */
export interface PlacedBreadcrumb {
  key: string;
  at: number | undefined;
  breadcrumb: Breadcrumb;
}

/** Everything the app knows of one daemon. Plain data: the reducer makes new ones, nobody changes one. */
export interface DaemonRecord {
  id: DaemonId;
  name: string;
  /** `read-only`: another tool's daemon, listed by configuration; the app looks and never acts. */
  control: "full" | "read-only";
  paths: { dir: string; log: string };
  state: DaemonState;
  /** What is installed where the app's code came from, as last read. */
  installed: Installed | undefined;
  /** A deliberate stop is remembered: until somebody starts it again, it stays stopped. */
  wanted: "running" | "stopped";
  operation: Operation | undefined;
  problem: Problem | undefined;
  beats: BeatHistory;
  /** When the daemon was last heard. */
  heardAt: number;
  /** Times of deaths and failed starts within CRASH_WINDOW_MS. */
  failures: readonly number[];
  /** Failures since the daemon last ran for a while: the exponent of the backoff. */
  failuresInARow: number;
  /** Oldest first. */
  breadcrumbs: readonly PlacedBreadcrumb[];
  ledger: readonly LedgerEntry[];
}

export type DaemonId = string;

export function newRecord(about: Pick<DaemonRecord, "id" | "name" | "control" | "paths">, now: number): DaemonRecord {
  return {
    ...about,
    state: { is: "stopped", since: now, why: { is: "unknown" } },
    installed: undefined,
    wanted: "running",
    operation: undefined,
    problem: undefined,
    beats: { points: [], marks: [] },
    heardAt: now,
    failures: [],
    failuresInARow: 0,
    breadcrumbs: [],
    ledger: [],
  };
}

/** The daemon behind the state, if we are connected to one. */
export function liveOf(state: DaemonState): Live | undefined {
  switch (state.is) {
    case "running":
    case "drifted":
    case "draining":
    case "unresponsive":
      return state.live;
    case "stopped":
    case "starting":
    case "failed":
      return undefined;
  }
}
