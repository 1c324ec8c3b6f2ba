import { isLocked } from "../../state/lock.js";
import type { ClientIdentity } from "../../wire/handshake.js";
import { ensureDaemon } from "../ensure.js";
import type { Ensured, EnsureOptions } from "../ensure-options.js";
import { LifecycleError } from "../lifecycle-errors.js";
import type { Progress } from "../progress.js";
import type { DaemonSpec, WatchedDaemon } from "../spec/daemon-spec.js";
import { connectToAny } from "./any-daemon.js";

/** How a program that stays connected comes to its connections. */
export interface Connector {
  /** The daemon's state directory, for messages. */
  dir: string;
  /** Connects to the daemon that runs or comes up, for as long as that takes, and changes nothing. */
  follow(signal: AbortSignal, onAbsent: () => void): Promise<Ensured>;
  /** Connects for a request, and may start a daemon. Undefined: without a daemon a request fails. */
  start: ((signal: AbortSignal) => Promise<Ensured>) | undefined;
  /** True for a failure of `follow` that the program hears of; each is tried again. */
  isReported(error: unknown): error is Error;
}

/** Judges each daemon by what is installed, and never replaces one. `mayStart`: for a request it may start one. */
export function passiveConnector(
  spec: DaemonSpec,
  client: ClientIdentity,
  { mayStart, report }: { mayStart: boolean; report: (progress: Progress) => void },
): Connector {
  const connect = (may: boolean, signal: AbortSignal, onWait: EnsureOptions["onWait"]): Promise<Ensured> =>
    ensureDaemon(spec, {
      client: askingForHeartbeats(client),
      intent: "passive",
      mayStart: may,
      mayReplaceUnresponsive: false,
      force: false,
      report,
      ...(onWait && { onWait }),
      signal,
    });
  return {
    dir: spec.paths.dir,
    follow: (signal, onAbsent) =>
      connect(false, signal, (what) => {
        // Between the end of one daemon and the start of the next, the client that restarts it holds this lock.
        if (what === "daemon" && !isLocked(spec.paths.restartLock)) onAbsent();
      }),
    start: mayStart ? (signal) => connect(true, signal, undefined) : undefined,
    // That no daemon came within a minute is no failure.
    isReported: (error): error is Error => error instanceof Error && !(error instanceof LifecycleError),
  };
}

/** Takes every daemon as it is. All that stands in the way is reported, since nothing else looks at this daemon. */
export function watchingConnector(daemon: WatchedDaemon, client: ClientIdentity): Connector {
  return {
    dir: daemon.paths.dir,
    follow: async (signal, onAbsent) => {
      const found = await connectToAny(daemon, askingForHeartbeats(client), { signal, onAbsent });
      return { ...found, did: "used" };
    },
    start: undefined,
    isReported: (error) => error instanceof Error,
  };
}

/** Without heartbeats a daemon that hangs looks like a tool that takes long. */
export function askingForHeartbeats(client: ClientIdentity): ClientIdentity {
  return { ...client, hello: { ...client.hello, heartbeat: true } };
}
