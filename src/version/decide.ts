import type { Identity, Installed } from "./identity.js";
import type { RestartCause } from "./restart-cause.js";
import { compareVersions, isReadableVersion, versionsMatch } from "./versions.js";

/** What a client found at the socket. */
export type Found =
  /** Nobody listens. `alive`: the lifetime lock is taken all the same (undefined: this daemon has no such lock). */
  | { state: "absent"; alive: boolean | undefined; waitedOut: boolean }
  /** Connected, but no answer to `initialize` within its bound. */
  | { state: "silent" }
  | { state: "answered"; identity: Identity };

export interface Facts {
  found: Found;
  installed: Installed;
  /** `fresh`: an act of the user. `passive`: a bridge, or a client that reconnects on its own. */
  intent: "fresh" | "passive";
  /** May a start be made? A passive client that only wants to follow says no. */
  mayStart: boolean;
  /** The user asked for this daemon to be replaced if it does not answer (`start`, `restart`, a click). */
  mayReplaceUnresponsive: boolean;
  /** Restarts for drift in the ledger within the last minute. */
  recentRestarts: number;
  /** `--force`: the restart budget does not count. */
  force: boolean;
  /** A restart was already made on behalf of this very request, and this is what came of it. */
  restarted: boolean;
}

export type RefusalWhy =
  | "older-client"
  | "installed-unreadable"
  | "restart-budget"
  | "still-mismatched"
  | "unresponsive"
  | "passive-mismatch"
  | "stuck-start";

export type Decision =
  /** `other`: it belongs to another installation that is not ours to replace; `tell`: the user was not told so yet. */
  | { do: "use"; other: "daemon-newer" | "daemon-differs" | undefined; tell: boolean }
  | { do: "start" }
  | { do: "wait"; for: "start" | "restart" | "daemon" }
  | { do: "restart"; why: Exclude<RestartCause, "requested"> }
  | { do: "refuse"; why: RefusalWhy };

/** Restarts for drift within RESTART_WINDOW_MS after which clients refuse to make another. */
export const RESTART_BUDGET = 3;
export const RESTART_WINDOW_MS = 60_000;

/** The one place that says what a client does about the daemon that it found. Pure: all facts come in. */
export function decide(facts: Facts): Decision {
  const { found } = facts;
  switch (found.state) {
    case "absent":
      return decideAbsent(found, facts);
    case "silent":
      return facts.mayReplaceUnresponsive && !facts.restarted
        ? { do: "restart", why: "unresponsive" }
        : { do: "refuse", why: "unresponsive" };
    case "answered":
      return decideAnswered(found.identity, facts);
  }
}

function decideAbsent(found: Extract<Found, { state: "absent" }>, facts: Facts): Decision {
  if (!found.alive) return facts.mayStart ? { do: "start" } : { do: "wait", for: "daemon" };
  // The lock is taken and nobody listens: somebody is starting, or is on its way out. Give it its time first.
  if (!found.waitedOut) return { do: "wait", for: "start" };
  return facts.mayReplaceUnresponsive && !facts.restarted
    ? { do: "restart", why: "unresponsive" }
    : { do: "refuse", why: "stuck-start" };
}

function decideAnswered(daemon: Identity, facts: Facts): Decision {
  const { installed } = facts;
  if (inStep(daemon, installed)) return { do: "use", other: undefined, tell: false };
  if (facts.intent === "passive") {
    // The wire is what counts for a client that lives long: the version is the concern of whoever acts next.
    if (speaksOurProtocol(daemon, installed)) return { do: "use", other: undefined, tell: false };
    return facts.restarted ? { do: "refuse", why: "passive-mismatch" } : { do: "wait", for: "restart" };
  }
  // No restart could mend our own side.
  if (!isReadableVersion(installed.version)) return { do: "refuse", why: "installed-unreadable" };
  if (!isReadableVersion(daemon.version)) return restartWithinBudget("identity-unreadable", facts);
  const foreign = daemon.installRoot !== undefined && daemon.installRoot !== installed.root;
  if (foreign && compareVersions(installed.version, daemon.version) !== 1) {
    // Two installations that restart each other's daemon never stop: the older one gives way.
    if (!speaksOurProtocol(daemon, installed)) return { do: "refuse", why: "older-client" };
    const other = compareVersions(installed.version, daemon.version) === -1 ? "daemon-newer" : "daemon-differs";
    return { do: "use", other, tell: !daemon.noticed };
  }
  return restartWithinBudget("version-mismatch", facts);
}

function restartWithinBudget(why: "version-mismatch" | "identity-unreadable", facts: Facts): Decision {
  if (facts.restarted) return { do: "refuse", why: "still-mismatched" };
  if (facts.recentRestarts >= RESTART_BUDGET && !facts.force) return { do: "refuse", why: "restart-budget" };
  return { do: "restart", why };
}

/** Does this daemon satisfy that installation? Also the `inStep` of `status`. */
export function inStep(daemon: Identity, installed: Installed): boolean {
  if (!versionsMatch(daemon, installed)) return false;
  // One installation must run what it holds, so there a rebuilt daemon of the same version is drift as well.
  const sameRoot = daemon.installRoot !== undefined && daemon.installRoot === installed.root;
  const rebuilt =
    daemon.buildId !== undefined && installed.buildId !== undefined && daemon.buildId !== installed.buildId;
  if (sameRoot && rebuilt) return false;
  return daemon.protocol === undefined || installed.protocol === undefined || daemon.protocol === installed.protocol;
}

function speaksOurProtocol(daemon: Identity, installed: Installed): boolean {
  return daemon.protocol === installed.protocol;
}
