import type { AppStartCause, RestartCause } from "../../src/version/restart-cause.js";
import type { DaemonId } from "./daemon/daemon-state.js";

/** What is to be done, as data; the edge does it and answers with events. */
export type Effect =
  /** The full handshake of a user's act: starts, restarts on drift, uses what is in step. Ends as `started` or `startFailed`. */
  | { do: "start"; daemon: DaemonId; why: AppStartCause }
  /** Under the lock, also when nothing drifted. Ends as `started` or `startFailed`. */
  | { do: "restart"; daemon: DaemonId; why: Extract<RestartCause, "requested" | "unresponsive">; force: boolean }
  /** Ends as `stopped` or `stopFailed`. */
  | { do: "stop"; daemon: DaemonId }
  | { do: "notify"; daemon: DaemonId; about: "died" | "crash-loop" | "restart-failed"; title: string; body: string }
  /** Only where the window does not show it anyway. */
  | { do: "notify"; about: "update-ready"; title: string; body: string };
