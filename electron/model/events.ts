import type { DaemonStatus, Draining, Heartbeat } from "../../src/wire/control.js";
import type { Identity, Installed } from "../../src/version/identity.js";
import type { LedgerEntry } from "../../src/state/ledger.js";
import type { Progress } from "../../src/client/progress.js";
import type { DaemonId, PlacedBreadcrumb } from "./daemon/daemon-state.js";
import type { Settings } from "../settings/settings.js";
import type { CommandLineState, StagingState, UpdateState } from "./app-state.js";

/** What the connection, the log, the lifecycle and the user say about one daemon. */
export type DaemonEvent =
  | { type: "connected"; identity: Identity; installed: Installed | undefined }
  | { type: "status"; status: DaemonStatus }
  | { type: "heartbeat"; beat: Heartbeat }
  | { type: "draining"; draining: Draining }
  | { type: "disconnected" }
  /** There is no daemon to connect to; said once, by whoever looked first. */
  | { type: "absent" }
  /** Looking, without acting: a daemon that may not be used or does not answer, or no way to its socket at all. */
  | { type: "unusable"; kind: StartFailure; error: string }
  /** The user's wishes, and the app's own at its start. */
  | { type: "startRequested" }
  | { type: "restartRequested"; force?: boolean }
  | { type: "stopRequested" }
  /** How an operation goes on and ends. */
  | { type: "progress"; progress: Progress }
  | { type: "started" }
  | { type: "startFailed"; kind: StartFailure; error: string }
  | { type: "stopped" }
  | { type: "stopFailed"; error: string }
  | { type: "problemDismissed" }
  | { type: "installed"; installed: Installed }
  | { type: "breadcrumbs"; added: readonly PlacedBreadcrumb[] }
  | { type: "ledger"; entries: readonly LedgerEntry[] };

export type StartFailure = "refused" | "unresponsive" | "failed";

export type AppEvent =
  | { about: "daemon"; id: DaemonId; event: DaemonEvent }
  /** The time that `nextTickAt` asked for has come. */
  | { about: "clock"; type: "tick" }
  | { about: "machine"; type: "suspend" | "resume" }
  /** What is installed where the app's own code came from; it differs once a package manager replaced it. */
  | { about: "app"; type: "installed"; installed: { version: string; buildId: string | undefined } }
  | { about: "app"; type: "update"; update: UpdateState }
  | { about: "app"; type: "staging"; staging: StagingState | undefined }
  | { about: "app"; type: "commandLine"; commandLine: CommandLineState }
  | { about: "app"; type: "selected"; id: DaemonId }
  | { about: "app"; type: "settings"; settings: Settings };
