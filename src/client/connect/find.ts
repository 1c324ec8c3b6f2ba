import { readRecordedDaemon } from "../../state/recorded-daemon.js";
import { isLocked } from "../../state/lock.js";
import type { Found } from "../../version/found.js";
import type { ClientIdentity } from "../../wire/handshake.js";
import { isRestartUnderWay } from "../restart/restart-lock.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import { probeDaemon, type Probe, type ProbeBounds } from "./probe.js";

/** What a client found, with the connection to it where there is one. The owner closes it with `hangUp`. */
export type FoundDaemon = Exclude<Probe, { state: "no-listener" }> | Unconnected;
type Unconnected = Extract<Found, { state: "absent" | "starting" | "draining" }>;

export interface FindOptions extends ProbeBounds {
  /**
   * Take a client that has just locked `restart.lock` for a daemon that is starting. False for the client that holds
   * the lock itself, and for a report, which must not guess.
   */
  expectSibling?: boolean;
}

/** Finds out, from socket, lock and record, what there is of the daemon. Throws DirectoryError and ConnectError. */
export async function findDaemon(
  spec: DaemonSpec,
  client: ClientIdentity,
  { expectSibling = false, ...bounds }: FindOptions = {},
): Promise<FoundDaemon> {
  return completeProbe(spec, await probeDaemon(spec, client, bounds), expectSibling);
}

/** Adds what lock and record say to the probe of the socket. */
export function completeProbe(spec: DaemonSpec, probe: Probe, expectSibling: boolean): FoundDaemon {
  return probe.state === "no-listener" ? findWithoutSocket(spec, expectSibling) : probe;
}

/** What lock and record say of a daemon that does not listen. A daemon without a lifetime lock counts as absent. */
export function findWithoutSocket(spec: DaemonSpec, expectSibling: boolean): Unconnected {
  if (!spec.lifetimeLock) return { state: "absent" };
  // Checked first, since it needs no flock.
  if (expectSibling && isRestartUnderWay(spec)) return { state: "starting" };
  if (!isLocked(spec.paths.daemonLock)) return { state: "absent" };
  const recorded = readRecordedDaemon(spec.paths);
  return recorded ? { state: "draining", identity: recorded.identity } : { state: "starting" };
}
