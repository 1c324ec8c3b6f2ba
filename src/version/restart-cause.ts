/**
 * Every cause of a start, a stop and a restart of the daemon: who acts on it, when, and the words for it. The ledger,
 * the daemon's log, the `draining` notification, the CLI and the app all use these values.
 */

/** Why a client starts a daemon where none runs. Written to the ledger. */
export type StartCause =
  /** Any client, once nothing listens and `daemon.lock` is free. */
  "absent";

/** Why a client replaces the running daemon. Written to the ledger and, as a breadcrumb, to the log. */
export type RestartCause =
  /** A command, the app or a library client, when the daemon isn't what their installation holds (drift). */
  | "version-mismatch"
  /** The same clients, when the daemon gives no readable version. */
  | "identity-unreadable"
  /** `lockstep start`, `lockstep restart` or the app's button, when the daemon doesn't answer. */
  | "unresponsive"
  /** `lockstep restart` or the app's button, whether or not the daemon is in step. */
  | "requested";

/** Why a daemon ends without a successor that is started under the same lock. */
export type StopCause =
  /** `lockstep stop` or the app's button. The app leaves the daemon stopped. */
  | { kind: "requested" }
  /** A package's hook (deb, Homebrew, npm), when the daemon is older than what was just installed. */
  | { kind: "upgrade"; installed: string }
  /** SIGTERM or SIGINT, from outside Lockstep. */
  | { kind: "signal"; signal: string }
  /** The daemon, when its `daemon.lock` or its socket was removed or replaced. */
  | { kind: "files-lost"; path: string }
  /** The daemon, after an exception that shows a mistake in its program. */
  | { kind: "fault"; what: string };

/** Why the app starts a daemon on its own initiative, or at the user's request. The ledger then says `absent` or the drift. */
export type AppStartCause =
  /** The user clicked. */
  | "requested"
  /** The app itself was started. */
  | "opened"
  /** The daemon that ran has died. */
  | "died"
  /** What is installed has changed, or the app was updated. */
  | "drift"
  /** The machine woke from sleep, and no daemon was left. */
  | "woke"
  /** A daemon was expected from another client and did not come. */
  | "gone";

/** What the end of a daemon leads to. It travels in `lockstep/shutdown` and `draining` as `for`. */
export type EndsFor =
  /** It stays stopped until a client needs it. */
  | "stop"
  /** Its successor is started under the same lock. */
  | "restart"
  /** The app, or the next client, starts the new version. */
  | "upgrade"
  /** The daemon itself cannot go on. */
  | "fault";

/** What the daemon's end leads to, given the cause of a stop. */
export function stopIsFor(cause: StopCause): EndsFor {
  switch (cause.kind) {
    case "requested":
    case "signal":
      return "stop";
    case "upgrade":
      return "upgrade";
    case "files-lost":
    case "fault":
      return "fault";
  }
}

/** The `reason` of a stop, in words: for the log and for everyone connected. */
export function stopReason(cause: StopCause): string {
  switch (cause.kind) {
    case "requested":
      return "stop requested";
    case "upgrade":
      return `out of step with ${cause.installed}`;
    case "signal":
      return `${cause.signal} received`;
    case "files-lost":
      return `${cause.path} was removed or replaced`;
    case "fault":
      return `uncaught exception: ${cause.what}`;
  }
}

/**
 * The `reason` that the old daemon logs when it is replaced: `restart, version-mismatch, now 1.4.0`. `text` is the
 * user's own reason, `now` the version that takes its place.
 */
export function restartReason(cause: RestartCause, text: string | undefined, now: string): string {
  return `restart, ${cause}${text === undefined ? "" : `: ${text}`}, now ${now}`;
}

/** A restart's cause as people read it. */
export const RESTART_WORDS: Record<RestartCause, string> = {
  "version-mismatch": "out of step",
  "identity-unreadable": "of unknown version",
  unresponsive: "not responding",
  requested: "as requested",
};

/** The causes in breadcrumbs, where an unreadable version counts as a mismatch. */
export type BreadcrumbCause = Exclude<RestartCause, "identity-unreadable">;

export function breadcrumbCause(cause: RestartCause): BreadcrumbCause {
  return cause === "identity-unreadable" ? "version-mismatch" : cause;
}

/** True for a restart that counts against the restart budget: one for drift, not at the user's request. */
export function isDrift(cause: string): boolean {
  return cause === "version-mismatch" || cause === "identity-unreadable";
}
