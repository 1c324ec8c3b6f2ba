import type { RefusalWhy } from "../../version/decide.js";
import type { Identity, Installed } from "../../version/identity.js";
import type { LedgerEntry } from "../../state/ledger.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import { RefusedError, UnresponsiveError } from "../lifecycle-errors.js";
import { HANDSHAKE_BOUND_MS } from "../connect/probe.js";
import { ageText, durationText } from "../../text/duration.js";

export interface RefusalFacts {
  installed: Installed;
  daemon: Identity | undefined;
  ledger: readonly LedgerEntry[];
  /** Age of the last heartbeat, ms. */
  heartbeatAgeMs: number | undefined;
  /** The value of the variable that overrides the version in tests, if it is set. */
  testVersion: string | undefined;
}

/** A refusal in words: what was found, both sides with their paths, and what to do. */
export function refusalError(spec: DaemonSpec, why: RefusalWhy, facts: RefusalFacts): Error {
  const { installed, daemon } = facts;
  const mine = `this installation is ${installed.version} (protocol ${installed.protocol ?? "unknown"}, ${installed.root})`;
  const theirs = daemon ? `the daemon is ${describe(daemon)}` : "the daemon gave no identity";
  switch (why) {
    case "older-client":
      return new RefusedError(
        `${theirs} and ${mine}: the daemon is newer and speaks another protocol. ` +
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
    case "unresponsive":
      return new UnresponsiveError(
        `the daemon in ${spec.paths.dir} accepts connections but did not answer within ${durationText(HANDSHAKE_BOUND_MS)}` +
          `${heartbeatText(facts.heartbeatAgeMs)}. Replace it with: ${spec.restartHint}`,
      );
    case "stuck-start":
      return new UnresponsiveError(
        `a daemon holds ${spec.paths.daemonLock} but does not listen${heartbeatText(facts.heartbeatAgeMs)}. ` +
          `See ${spec.paths.log}, then replace it with: ${spec.restartHint}`,
      );
  }
}

/** A ledger entry as a line for people. */
export function ledgerLine(entry: LedgerEntry): string {
  const from = entry.prev === undefined ? "" : ` ${entry.prev} →`;
  return `  ${entry.at} ${entry.did} (${entry.why})${from} ${entry.now} by ${entry.by.role} PID ${entry.by.pid} of ${entry.by.root}`;
}

function describe(daemon: Identity): string {
  const root = daemon.installRoot === undefined ? "" : `, ${daemon.installRoot}`;
  return `${daemon.version || "of unknown version"} (protocol ${daemon.protocol ?? "unknown"}${root})`;
}

function heartbeatText(ageMs: number | undefined): string {
  return ageMs === undefined ? "" : `; its last heartbeat was ${ageText(ageMs)} ago`;
}
