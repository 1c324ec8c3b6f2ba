import type { RefusalWhy } from "../../version/decide.js";
import type { Found } from "../../version/found.js";
import { isSamePlace } from "../../version/place.js";
import { compareVersions } from "../../version/versions.js";
import type { Identity, Installed } from "../../version/identity.js";
import type { LedgerEntry } from "../../state/ledger.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import { RefusedError, UnresponsiveError } from "../lifecycle-errors.js";
import { HANDSHAKE_BOUND_MS } from "../connect/probe.js";
import { ageText, durationText } from "../../text/duration.js";

export interface RefusalFacts {
  installed: Installed;
  found: Found;
  /** What listens on the socket, if it gave no identity: `PID 812 (python3 -m http.server)`. */
  listener: string | undefined;
  ledger: readonly LedgerEntry[];
  /** The machine whose daemon wrote `serve.json`, if it is another one than this. */
  otherHost: string | undefined;
  /** Age of the last heartbeat, ms. */
  heartbeatAgeMs: number | undefined;
  /** The value of the variable that overrides the version in tests, if it is set. */
  testVersion: string | undefined;
}

/** A refusal in words: what was found, both sides with their paths, and what to do. */
export function refusalError(spec: DaemonSpec, why: RefusalWhy, facts: RefusalFacts): Error {
  const { installed, found } = facts;
  const daemon = found.state === "answered" || found.state === "draining" ? found.identity : undefined;
  const listener = facts.listener ?? "an unknown process";
  const mine = `this installation is ${installed.version} (protocol ${installed.protocol ?? "unknown"}, ${installed.root})`;
  const elsewhere = daemon && daemon.installRoot === installed.root && !isSamePlace(daemon.place, installed.place);
  const where = elsewhere ? " in another container or mount namespace" : "";
  const theirs = daemon ? `the daemon is ${describe(daemon)}${where}` : "the daemon gave no identity";
  switch (why) {
    case "older-client":
      return new RefusedError(
        `${theirs} and ${mine}: they speak different protocols, and ${orderText(daemon?.version, installed.version)}. ` +
          `Upgrade this installation, or use the one in ${daemon?.installRoot ?? "its path"}.`,
      );
    case "would-downgrade":
      return new RefusedError(
        `${theirs} and ${mine}, which is not newer: a restart from here would replace it. ` +
          `Restart it from its own installation, or add --force to ${spec.restartHint}.`,
      );
    case "installed-unreadable":
      return new RefusedError(
        `the installed version "${installed.version}" in ${installed.root} is not a valid version: reinstall ${spec.name}.`,
      );
    case "restart-budget":
      return new RefusedError(
        `${theirs} and ${mine}, but clients have restarted the daemon for such a difference ${facts.ledger.length} times within the last minute. ` +
          `Two installations may be replacing each other's daemon:\n${facts.ledger.map(ledgerLine).join("\n")}\n` +
          `Upgrade or remove one of them, then use --force, or wait a minute.`,
      );
    case "still-mismatched":
      return new RefusedError(
        `the daemon was restarted, but ${theirs} while ${mine}.` +
          (facts.testVersion === undefined
            ? " Another installation may have started it meanwhile; see the log."
            : ` ${spec.variables.testVersion} is set to "${facts.testVersion}": unset it.`),
      );
    case "passive-mismatch":
      return new RefusedError(
        `${theirs} and ${mine}: they speak different protocols, and a client that reconnects automatically never restarts a daemon. Run ${spec.restartHint}, or restart this program after its upgrade.`,
      );
    case "still-refusing":
      return new RefusedError(
        `the daemon was restarted, but ${listener} on ${spec.paths.socket} ${refusalText(found)}; see ${spec.paths.log}. ` +
          `This installation is ${installed.version} in ${installed.root}.`,
      );
    case "passive-refused":
      return new RefusedError(
        `${listener} on ${spec.paths.socket} ${refusalText(found)}, and a client that reconnects automatically never ` +
          `restarts a daemon. Run ${spec.restartHint}.`,
      );
    case "unresponsive":
      return new UnresponsiveError(
        `${listener} accepts connections on ${spec.paths.socket} but did not answer within ${durationText(HANDSHAKE_BOUND_MS)}` +
          `${heartbeatText(facts.heartbeatAgeMs)}. Replace it with: ${spec.restartHint}`,
      );
    case "no-mcp":
      return new UnresponsiveError(
        `${listener} listens on ${spec.paths.socket} and ${noiseText(found)}. ` +
          `End it, or replace it with: ${spec.restartHint}`,
      );
    case "stuck-start":
      if (facts.otherHost !== undefined) return new UnresponsiveError(sharedText(spec, facts.otherHost, facts));
      return new UnresponsiveError(
        `a daemon is being started in ${spec.paths.dir} but does not listen${heartbeatText(facts.heartbeatAgeMs)}. ` +
          `See ${spec.paths.log}, then replace it with: ${spec.restartHint}`,
      );
    case "stuck-drain":
      return new UnresponsiveError(
        `the daemon (PID ${daemon?.pid ?? "unknown"}) is ending, and has not ended within the time that its running calls had` +
          `${heartbeatText(facts.heartbeatAgeMs)}. See ${spec.paths.log}, then replace it with: ${spec.restartHint}`,
      );
  }
}

/** The lock is seen from every machine that shares the directory, and the socket only on the daemon's own. */
function sharedText({ paths }: DaemonSpec, host: string, { heartbeatAgeMs }: RefusalFacts): string {
  return (
    `${paths.daemonLock} is held, and nothing listens on this machine: according to ${paths.identity} the daemon runs on ` +
    `the machine "${host}"${heartbeatText(heartbeatAgeMs)}. A state directory serves one machine: ` +
    `use another one on this machine, or stop the daemon there.`
  );
}

/** A ledger entry as a line for people. */
export function ledgerLine(entry: LedgerEntry): string {
  const from = entry.prev === undefined ? "" : ` ${entry.prev} →`;
  return `  ${entry.at} ${entry.did} (${entry.why})${from} ${entry.now} by ${entry.by.role} PID ${entry.by.pid} of ${entry.by.root}`;
}

/** How the daemon's version relates to the installed one. */
function orderText(daemon: string | undefined, installed: string): string {
  switch (compareVersions(daemon, installed)) {
    case 1:
      return "the daemon is newer";
    case -1:
      return "the daemon is older";
    case 0:
      return "their versions are equal";
    default:
      return "their versions cannot be ordered";
  }
}

/** "is no daemon that can be used: it sent what is not MCP: a message is not JSON" */
export function noiseText(found: Found): string {
  return found.state === "noise" ? `is no daemon that can be used: ${found.problem}` : "is no daemon that can be used";
}

/** "answered initialize with an error: Unsupported protocol version (-32602)" */
export function refusalText(found: Found): string {
  if (found.state !== "refusing") return "refuses the handshake";
  return `answered initialize with an error: ${found.message || "without a message"} (${found.code})`;
}

function describe(daemon: Identity): string {
  const root = daemon.installRoot === undefined ? "" : `, ${daemon.installRoot}`;
  return `${daemon.version || "of unknown version"} (protocol ${daemon.protocol ?? "unknown"}${root})`;
}

function heartbeatText(ageMs: number | undefined): string {
  return ageMs === undefined ? "" : `; its last heartbeat was ${ageText(ageMs)} ago`;
}
