import { isLocked } from "../../state/lock.js";
import { isRecordedAlive, readRecordedDaemon } from "../../state/recorded-daemon.js";
import { readSpawned } from "../../state/spawned-daemon.js";
import type { Found } from "../../version/found.js";
import { deadline, type Deadline } from "../../wire/deadline.js";
import type { ClientIdentity } from "../../wire/handshake.js";
import { isRestartUnderWay } from "../restart/restart-lock.js";
import type { WatchedDaemon } from "../spec/daemon-spec.js";
import { jittered } from "./jittered.js";
import { probeDaemon, type Probe, type ProbeBounds } from "./probe.js";

/** What a client found, with the connection to it where there is one. The owner closes it with `hangUp`. */
export type FoundDaemon = Exclude<Probe, { state: "no-listener" | "ended" }> | Unconnected;
type Unconnected = Extract<Found, { state: "absent" | "starting" | "draining" }>;

export interface FindOptions extends ProbeBounds {
  /**
   * Take a client that has just locked `restart.lock` for a daemon that is starting. False for the client that holds
   * the lock itself, and for a report, which must not guess.
   */
  expectSibling?: boolean;
}

/** A daemon that is being replaced hangs up once or twice, and is gone. This long and this often is no daemon's end. */
const HANG_UPS_BOUND_MS = 1_000;
const HANG_UPS_BOUND = 5;
const FIND_AGAIN_MS = 50;
const FREED_MS = 30;

/** Finds out, from socket, lock and record, what there is of the daemon. Throws DirectoryError and ConnectError. */
export async function findDaemon(
  spec: WatchedDaemon,
  client: ClientIdentity,
  options: FindOptions = {},
): Promise<FoundDaemon> {
  return completeProbe(spec, client, await probeDaemon(spec, client, options), options);
}

/** Adds what lock and record say to the probe of the socket, and probes again while what listens hangs up. */
export async function completeProbe(
  spec: WatchedDaemon,
  client: ClientIdentity,
  probe: Probe,
  { expectSibling = false, ...bounds }: FindOptions,
): Promise<FoundDaemon> {
  using bound = deadline("an end of the hang-ups", HANG_UPS_BOUND_MS, bounds.signal);
  for (let hangUps = 1; ; hangUps++) {
    if (probe.state === "no-listener") return findLeftOver(spec, expectSibling, bound);
    if (probe.state !== "ended") return probe;
    if (bound.passed && hangUps >= HANG_UPS_BOUND) return { state: "noise", problem: probe.problem };
    await bound.pause(jittered(FIND_AGAIN_MS));
    probe = await probeDaemon(spec, client, bounds);
  }
}

/** The kernel frees the lock of a killed daemon a moment after its process is gone, so its lock is checked twice. */
async function findLeftOver(spec: WatchedDaemon, expectSibling: boolean, bound: Deadline): Promise<Unconnected> {
  const found = findWithoutSocket(spec, expectSibling);
  if (found.state !== "starting" || expectSibling || !readRecordedDaemon(spec.paths)) return found;
  await bound.pause(FREED_MS);
  return findWithoutSocket(spec, expectSibling);
}

/**
 * What lock and record say of a daemon that does not listen. A daemon without a lifetime lock counts as starting for as
 * long as the process that a client spawned last is alive.
 */
export function findWithoutSocket(spec: WatchedDaemon, expectSibling: boolean): Unconnected {
  const { paths } = spec;
  if (!spec.lifetimeLock) return readSpawned(paths.restartLock)?.alive ? { state: "starting" } : { state: "absent" };
  // Checked first, since it needs no flock.
  if (expectSibling && isRestartUnderWay(spec)) return { state: "starting" };
  if (!isLocked(paths.daemonLock)) return { state: "absent" };
  const recorded = readRecordedDaemon(paths);
  // The record of a daemon that crashed says nothing about the one that holds the lock now.
  return recorded && isRecordedAlive(recorded)
    ? { state: "draining", identity: recorded.identity, deadlineMs: recorded.deadlineMs }
    : { state: "starting" };
}
