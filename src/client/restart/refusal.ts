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
  /** The test override, when it is set around us. */
  testVersion: string | undefined;
}

/** A refusal in words: what was found, both sides with their paths, and the way out. Pure. */
export function refusalError(spec: DaemonSpec, why: RefusalWhy, facts: RefusalFacts): Error {
  const { installed, daemon } = facts;
  const mine = `this installation is ${installed.version} (protocol ${installed.protocol ?? "unknown"}, ${installed.root})`;
  const theirs = daemon ? `the daemon is ${describe(daemon)}` : "the daemon did not say who it is";
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
        `the installed version "${installed.version}" in ${installed.root} cannot be read as a version: reinstall.`,
      );
    case "restart-budget":
      return new RefusedError(
        `${theirs} and ${mine}, but the daemon was restarted for such a difference ${facts.ledger.length} times within the last minute, ` +
          `so something restarts it in turn:\n${facts.ledger.map(ledgerLine).join("\n")}\n` +
          `Find out which installations take part, then use --force, or wait a minute.`,
      );
    case "still-mismatched":
      return new RefusedError(
        `the daemon was restarted, and still ${theirs}, while ${mine}.` +
          (facts.testVersion === undefined
            ? " Another installation may have started it in between; look at the log."
            : ` ${spec.variables.testVersion} is set to "${facts.testVersion}": unset it.`),
      );
    case "passive-mismatch":
      return new RefusedError(
        `${theirs} and ${mine}: they speak different protocols, and a client that reconnects by itself never restarts a daemon. Run ${spec.restartHint}, or restart this program after its upgrade.`,
      );
    case "unresponsive":
      return new UnresponsiveError(
        `the daemon in ${spec.paths.dir} accepts connections and does not answer within ${durationText(HANDSHAKE_BOUND_MS)}` +
          `${heartbeatText(facts.heartbeatAgeMs)}. Replace it with: ${spec.restartHint}`,
      );
    case "stuck-start":
      return new UnresponsiveError(
        `a daemon holds ${spec.paths.daemonLock} and does not listen${heartbeatText(facts.heartbeatAgeMs)}. ` +
          `Look at ${spec.paths.log}, then replace it with: ${spec.restartHint}`,
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
