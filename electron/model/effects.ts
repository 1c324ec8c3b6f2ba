import type { AppStartCause, RestartCause } from "../../src/version/restart-cause.js";
import type { DaemonId } from "./daemon/daemon-state.js";

/** What acts on a daemon. `operation` is the operation's number, which its progress and its outcome carry too. */
export type DaemonEffect =
  /** The full handshake: starts, restarts on drift, uses a daemon in step. Ends as `started` or `startFailed`. */
  | { do: "start"; daemon: DaemonId; operation: number; why: AppStartCause }
  /** Restarts under the lock, in step or not. Ends as `started` or `startFailed`. */
  | {
      do: "restart";
      daemon: DaemonId;
      operation: number;
      why: Extract<RestartCause, "requested" | "unresponsive">;
      force: boolean;
    }
  /** Ends as `stopped` or `stopFailed`. */
  | { do: "stop"; daemon: DaemonId; operation: number };

/** What the app has to do, as data. It is carried out outside the model, and the outcome comes back as an event. */
export type Effect =
  | DaemonEffect
  | { do: "notify"; daemon: DaemonId; about: "died" | "crash-loop" | "restart-failed"; title: string; body: string }
  /** Not shown while the window is visible, which shows the same. */
  | { do: "notify"; about: "update-ready"; title: string; body: string };
