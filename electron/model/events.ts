import type { Draining } from "../../src/wire/control.js";
import type { Identity, Installed } from "../../src/version/identity.js";
import type { LedgerEntry } from "../../src/state/ledger.js";
import type { Progress } from "../../src/client/progress.js";
import type { Beat, DaemonId, DaemonRecord, LiveFacts, PlacedBreadcrumb } from "./daemon/daemon-state.js";
import type { Settings } from "../settings/settings.js";
import type { AppFacts, CommandLineState, Notice, StagingState, UpdateState, WithoutTray } from "./app-state.js";

/** What the connection, the log, the lifecycle and the user report about one daemon. */
export type DaemonEvent =
  | { type: "connected"; identity: Identity; installed: Installed | undefined }
  | { type: "status"; status: LiveFacts }
  /** Without figures, from a daemon that only says that it lives. */
  | { type: "heartbeat"; beat: Beat | undefined }
  | { type: "draining"; draining: Draining }
  | { type: "disconnected" }
  /** No daemon is running and none is being started. */
  | { type: "absent" }
  /** The following connection failed: the daemon can't be used or does not answer, or its socket can't be reached. */
  | { type: "unusable"; kind: StartFailure; error: string }
  /** The app itself was started, and starts its daemon. */
  | { type: "appOpened" }
  /** Requested by the user. */
  | { type: "startRequested" }
  | { type: "restartRequested"; force?: boolean }
  | { type: "stopRequested" }
  /** Of an operation that another has replaced, these may come late. */
  | (OperationEvent & { operation: number })
  | { type: "problemDismissed" }
  | { type: "installed"; installed: Installed }
  | { type: "breadcrumbs"; added: readonly PlacedBreadcrumb[] }
  | { type: "ledger"; entries: readonly LedgerEntry[] };

/** What is known of a daemon from the beginning. */
export type DaemonAbout = Pick<DaemonRecord, "id" | "name" | "control" | "paths">;

/** The progress and the outcome of an operation. */
export type OperationEvent =
  | { type: "progress"; progress: Progress }
  /** Its connection is handed to the one that follows the daemon, so that `connected` comes next. */
  | { type: "started" }
  | { type: "startFailed"; kind: StartFailure; error: string }
  | { type: "stopped" }
  | { type: "stopFailed"; error: string };

export type StartFailure = "refused" | "unresponsive" | "failed";

export type AppEvent =
  | { about: "daemon"; id: DaemonId; event: DaemonEvent }
  /** It is `nextTickAt`. */
  | { about: "clock"; type: "tick" }
  | { about: "machine"; type: "suspend" | "resume" }
  /** What is installed in the app's own directory; it changes when a package manager replaces it. */
  | { about: "app"; type: "installed"; installed: { version: string; buildId: string | undefined } }
  | { about: "app"; type: "update"; update: UpdateState }
  | { about: "app"; type: "staging"; staging: StagingState | undefined }
  | { about: "app"; type: "commandLine"; commandLine: CommandLineState }
  | { about: "app"; type: "notice"; notice: Notice | undefined }
  /** The daemons to show, Lockstep's own first: the settings list other tools'. */
  | { about: "app"; type: "listed"; daemons: readonly DaemonAbout[] }
  | { about: "app"; type: "withoutTray"; withoutTray: WithoutTray }
  | { about: "app"; type: "selected"; id: DaemonId }
  /** Read from their file; `problems` says what in it can't be used. */
  | { about: "app"; type: "settings"; settings: Settings; problems: readonly string[] }
  | { about: "app"; type: "loginItem"; is: AppFacts["loginItem"] };
