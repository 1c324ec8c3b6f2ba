import { checkDirectory } from "../../state/directory.js";
import { durationText } from "../../text/duration.js";
import { identityOf, type Identity } from "../../version/identity.js";
import { EXPERIMENTAL_KEY } from "../../wire/control.js";
import type { ClientIdentity } from "../../wire/handshake.js";
import { asObject, isObject } from "../../wire/message.js";
import { findDaemon } from "../connect/find.js";
import { jittered } from "../connect/jittered.js";
import { HANDSHAKE_BOUND_MS, hangUp, type Connected } from "../connect/probe.js";
import { RefusedError, UnresponsiveError } from "../lifecycle-errors.js";
import { noiseText, refusalText } from "../restart/refusal.js";
import { watchSocket } from "../restart/socket-watch.js";
import type { WatchedDaemon } from "../spec/daemon-spec.js";
import { listenerPid, listenerText } from "../stop/proven-process.js";

/** How often the socket is tried while no daemon listens, ms. Its appearance ends the pause. */
const LOOK_AGAIN_MS = 5_000;

export interface AnyDaemonOptions {
  signal: AbortSignal;
  /** Nothing listens now; called after each look that finds nothing. */
  onAbsent: () => void;
}

/**
 * Connects to whatever daemon answers, of whatever version, and waits for one for as long as it takes. It is not judged,
 * and nothing is ever started, ended or changed. Throws UnresponsiveError and RefusedError for what listens and is no
 * daemon that can be watched, DirectoryError, ConnectError, and the signal's reason.
 */
export async function connectToAny(
  daemon: WatchedDaemon,
  client: ClientIdentity,
  { signal, onAbsent }: AnyDaemonOptions,
): Promise<Connected> {
  const { paths } = daemon;
  using watch = watchSocket(paths.socket);
  for (;;) {
    signal.throwIfAborted();
    checkDirectory(paths);
    const found = await findDaemon(daemon, client, { signal });
    switch (found.state) {
      case "answered":
        return { ...found, identity: await identityOfAny(daemon, found) };
      case "absent":
      case "starting":
      case "draining":
        onAbsent();
        await watch.next(jittered(LOOK_AGAIN_MS), { signal });
        break;
      case "silent":
        throw new UnresponsiveError(
          `${await listener(daemon)} accepts connections but did not answer within ${durationText(HANDSHAKE_BOUND_MS)}.`,
        );
      case "noise":
        throw new UnresponsiveError(`${await listener(daemon)} ${noiseText(found)}.`);
      case "refusing":
        hangUp(found);
        throw new RefusedError(`${await listener(daemon)} ${refusalText(found)}.`);
    }
  }
}

/**
 * What it says of itself, under whichever key it does so, and else what the kernel says. Only under Lockstep's key does it
 * know that heartbeats were asked for.
 */
async function identityOfAny(daemon: WatchedDaemon, { initialized, identity }: Connected): Promise<Identity> {
  const given = asObject(initialized.capabilities["experimental"]);
  const keys = [daemon.experimentalKey, initialized.serverInfo.name, daemon.name];
  const key = keys.find((one) => isObject(given[one]));
  const known = key === undefined ? identity : identityOf(initialized, key);
  return {
    ...known,
    heartbeatMs: key === EXPERIMENTAL_KEY ? known.heartbeatMs : undefined,
    pid: known.pid ?? (await listenerPid(daemon)),
  };
}

async function listener(daemon: WatchedDaemon): Promise<string> {
  return `${(await listenerText(daemon)) ?? "An unknown process"} on ${daemon.paths.socket}`;
}
