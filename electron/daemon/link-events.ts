import type { ReconnectingClient } from "../../src/client/follow/reconnecting-client.js";
import type { LinkState } from "../../src/client/follow/reconnecting-link.js";
import { RefusedError, UnresponsiveError } from "../../src/client/lifecycle-errors.js";
import type { StatePaths } from "../../src/state/directory.js";
import { readLedger, type LedgerEntry } from "../../src/state/ledger.js";
import type { Installed } from "../../src/version/identity.js";
import { isHeartbeat } from "../../src/client/follow/heartbeats.js";
import { NOTIFICATION } from "../../src/wire/control.js";
import type { DaemonEvent, StartFailure } from "../model/events.js";
import { parseDraining, parseHeartbeat, parseStatus } from "./daemon-messages.js";

type Report = (event: DaemonEvent) => void;

/** After this time, ms, the missing heartbeats show that the daemon does not answer. */
const STATUS_BOUND_MS = 5_000;

/** Reports as events how a link stands to its daemon. */
export function onLinkState(
  paths: StatePaths,
  link: LinkState,
  installed: () => Installed | undefined,
  report: Report,
): void {
  switch (link.state) {
    case "connected":
      report({ type: "connected", identity: link.identity, installed: installed() });
      report({ type: "ledger", entries: ledgerOf(paths) });
      break;
    case "reconnecting":
      report({ type: "disconnected" });
      break;
    case "absent":
      report({ type: "absent" });
      break;
    case "refused":
      report({ type: "unusable", kind: failureOf(link.error), error: link.error.message });
      break;
    case "closed":
      break;
  }
}

/** A file that cannot be read costs the window its list of restarts, and nothing else. */
export function ledgerOf({ restartLock }: StatePaths): LedgerEntry[] {
  try {
    return readLedger(restartLock);
  } catch {
    return [];
  }
}

export function failureOf(error: unknown): StartFailure {
  if (error instanceof RefusedError) return "refused";
  return error instanceof UnresponsiveError ? "unresponsive" : "failed";
}

/** Reports a notification of the daemon as an event. `ask` gets its status, which has changed. */
export function onNotification(method: string, params: unknown, report: Report, ask: () => void): void {
  switch (method) {
    case NOTIFICATION.heartbeat:
      return reportIf(parseHeartbeat(params), (beat) => report({ type: "heartbeat", beat }));
    case NOTIFICATION.draining:
      return reportIf(parseDraining(params), (draining) => report({ type: "draining", draining }));
    case NOTIFICATION.changed:
      return ask();
    default:
      if (isHeartbeat(method, params)) report({ type: "heartbeat", beat: undefined });
  }
}

/** Asks the daemon for its status, and reports it. */
export function askStatus(method: string, follower: ReconnectingClient, report: Report): void {
  follower.request(method, {}, { timeoutMs: STATUS_BOUND_MS }).then(
    (result) => reportIf(parseStatus(result), (status) => report({ type: "status", status })),
    () => undefined, // The end of the connection, or the missing heartbeats, show what is wrong.
  );
}

function reportIf<T>(message: T | undefined, report: (message: T) => void): void {
  if (message !== undefined) report(message);
}
