import type { Found } from "./found.js";
import type { Identity, Installed } from "./identity.js";
import { isSamePlace } from "./place.js";
import type { RestartCause, StartCause } from "./restart-cause.js";
import { compareVersions, isReadableVersion, versionsMatch } from "./versions.js";

/** What has happened since the client's request began. */
export interface History {
  /** The user asked for a restart, drift or not, and this client has not made one yet. */
  restartAsked: boolean;
  /** The daemon that was found has started since: another client has made the restart. */
  startedSince: boolean;
  /** This client has made a restart, and what was found is the result. */
  restarted: boolean;
  /** A daemon that is starting, ending or replaced by another client has had its time. */
  waitedOut: boolean;
  /** Restarts for drift in the ledger within RESTART_WINDOW_MS. */
  recentRestarts: number;
}

export interface Facts extends History {
  found: Found;
  installed: Installed;
  /** `fresh`: the user ran a command. `passive`: a bridge, or a client that reconnects automatically. */
  intent: "fresh" | "passive";
  /** False for a passive client that only follows. */
  mayStart: boolean;
  /** The user asked for this daemon to be replaced if it does not answer (`start`, `restart`, a click). */
  mayReplaceUnresponsive: boolean;
  /** `--force`: the restart budget does not count, and a requested restart may replace another installation's daemon. */
  force: boolean;
}

export type RefusalWhy =
  | "older-client"
  | "would-downgrade"
  | "installed-unreadable"
  | "restart-budget"
  | "still-mismatched"
  | "still-refusing"
  | "unresponsive"
  | "no-mcp"
  | "passive-mismatch"
  | "passive-refused"
  | "stuck-start"
  | "stuck-drain";

export type Decision =
  /** `other`: it belongs to another installation and may not be replaced; `tell`: the user has not been notified yet. */
  | { do: "use"; other: "daemon-newer" | "daemon-differs" | undefined; tell: boolean }
  | { do: "start"; why: StartCause }
  /** For a start or restart by another client, the end of a daemon that drains, or any daemon at all. */
  | { do: "wait"; for: "start" | "drain" | "restart" | "daemon" }
  | { do: "restart"; why: RestartCause }
  | { do: "refuse"; why: RefusalWhy };

/** The history at the first probe. */
export const NO_HISTORY: History = {
  restartAsked: false,
  startedSince: false,
  restarted: false,
  waitedOut: false,
  recentRestarts: 0,
};

/** Restarts for drift within RESTART_WINDOW_MS after which clients refuse to make another. */
export const RESTART_BUDGET = 3;
export const RESTART_WINDOW_MS = 60_000;

/** The one place that says what a client does about the daemon that it found. */
export function decide(facts: Facts): Decision {
  const { found } = facts;
  switch (found.state) {
    case "absent":
      return facts.mayStart ? { do: "start", why: "absent" } : { do: "wait", for: "daemon" };
    case "starting":
      return facts.waitedOut ? replaceUnresponsive("stuck-start", facts) : { do: "wait", for: "start" };
    case "draining":
      return facts.waitedOut ? replaceUnresponsive("stuck-drain", facts) : { do: "wait", for: "drain" };
    case "silent":
      return replaceUnresponsive("unresponsive", facts);
    case "noise":
      return replaceUnresponsive("no-mcp", facts);
    case "refusing": {
      const decision = decideRefusing(facts);
      return facts.restartAsked ? decideRequested(decision, facts) : decision;
    }
    case "answered": {
      const decision = decideByIdentity(found.identity, facts);
      return facts.restartAsked ? decideRequested(decision, facts) : decision;
    }
  }
}

/** A client that was asked to may replace what gives no answer; all others say what is wrong. */
function replaceUnresponsive(
  refusal: "unresponsive" | "no-mcp" | "stuck-start" | "stuck-drain",
  facts: Facts,
): Decision {
  return facts.mayReplaceUnresponsive && !facts.restarted
    ? { do: "restart", why: "unresponsive" }
    : { do: "refuse", why: refusal };
}

/** Its identity is unknown, so it is judged like a daemon that gives none. */
function decideRefusing(facts: Facts): Decision {
  if (facts.intent === "passive") {
    return facts.waitedOut ? { do: "refuse", why: "passive-refused" } : { do: "wait", for: "restart" };
  }
  if (!isReadableVersion(facts.installed.version)) return { do: "refuse", why: "installed-unreadable" };
  if (facts.restarted) return { do: "refuse", why: "still-refusing" };
  return restartWithinBudget("identity-unreadable", facts);
}

/** The restart that the user asked for, given what would be done otherwise. */
function decideRequested(otherwise: Decision, { force, startedSince }: Facts): Decision {
  const requested: Decision = { do: "restart", why: "requested" };
  switch (otherwise.do) {
    case "use":
      if (otherwise.other !== undefined && (startedSince || !force)) return { do: "refuse", why: "would-downgrade" };
      return startedSince ? otherwise : requested;
    case "restart":
      return startedSince ? otherwise : requested;
    case "refuse":
      // The budget is for restarts that the user did not ask for.
      return otherwise.why === "restart-budget" && !startedSince ? requested : otherwise;
    default:
      return otherwise;
  }
}

function decideByIdentity(daemon: Identity, facts: Facts): Decision {
  const { installed } = facts;
  if (inStep(daemon, installed)) return { do: "use", other: undefined, tell: false };
  if (facts.intent === "passive") {
    // A client that lives long only needs the protocol. The next command restarts the daemon if the version differs.
    if (speaksOurProtocol(daemon, installed)) return { do: "use", other: undefined, tell: false };
    return facts.waitedOut ? { do: "refuse", why: "passive-mismatch" } : { do: "wait", for: "restart" };
  }
  // A restart cannot fix this installation.
  if (!isReadableVersion(installed.version)) return { do: "refuse", why: "installed-unreadable" };
  if (!isReadableVersion(daemon.version)) return restartWithinBudget("identity-unreadable", facts);
  const foreign = daemon.installRoot !== undefined && !isFrom(daemon, installed);
  if (foreign && compareVersions(installed.version, daemon.version) !== 1) {
    // Two installations could restart each other's daemon for ever, so the older one gives way.
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

/** True when the daemon is what the installation holds. Also the `inStep` of `status`. */
export function inStep(daemon: Identity, installed: Installed): boolean {
  if (!versionsMatch(daemon, installed)) return false;
  // Within one installation, a rebuilt daemon of the same version is drift too.
  const rebuilt =
    daemon.buildId !== undefined && installed.buildId !== undefined && daemon.buildId !== installed.buildId;
  if (rebuilt && isFrom(daemon, installed)) return false;
  return daemon.protocol === undefined || installed.protocol === undefined || daemon.protocol === installed.protocol;
}

/** True if the daemon came from this very directory, and not from another one that a container has at the same path. */
function isFrom({ installRoot, place }: Pick<Identity, "installRoot" | "place">, installed: Installed): boolean {
  return installRoot === installed.root && isSamePlace(place, installed.place);
}

function speaksOurProtocol(daemon: Identity, installed: Installed): boolean {
  return daemon.protocol === installed.protocol;
}
