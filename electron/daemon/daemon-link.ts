import { followDaemon, type ReconnectingClient } from "../../src/client/follow/reconnecting-client.js";
import { LifecycleError } from "../../src/client/lifecycle-errors.js";
import type { DaemonSpec } from "../../src/client/spec/daemon-spec.js";
import type { Installed } from "../../src/version/identity.js";
import { METHOD } from "../../src/wire/control.js";
import type { ClientIdentity } from "../../src/wire/handshake.js";
import type { DaemonEffect } from "../model/effects.js";
import type { DaemonEvent } from "../model/events.js";
import { followBreadcrumbs } from "./breadcrumb-feed.js";
import { carryOut } from "./daemon-operation.js";
import { askStatus, ledgerOf, onLinkState, onNotification } from "./link-events.js";

export interface DaemonLink {
  /** Carries out one effect; its outcome is reported as an event. */
  perform(effect: DaemonEffect): void;
  /** Asks the daemon to restart one of its hosted servers. Rejects with the daemon's error. */
  restartServer(name: string): Promise<void>;
  close(): void;
}

export interface DaemonLinkOptions {
  spec: DaemonSpec;
  /** Of this app; sent to the daemon. */
  version: string;
  onEvent: (event: DaemonEvent) => void;
  /** Puts the runtime that a daemon is started from in place; awaited before the first look and before each start. */
  prepare: () => Promise<void>;
}

/** Its end, and a start of its own time limit (60 s), ms. */
const SERVER_RESTART_BOUND_MS = 90_000;

/**
 * The app's link to one daemon: reports what happens to it as events, and carries out effects. The following connection
 * is passive and never replaces a daemon; only effects act, each with the full handshake.
 */
export function openDaemonLink({ spec, version, onEvent, prepare }: DaemonLinkOptions): DaemonLink {
  const client: ClientIdentity = {
    clientInfo: { name: `${spec.name}-tray`, version },
    hello: { role: "tray", pid: process.pid, heartbeat: true },
  };
  const closed = new AbortController();
  const report = (event: DaemonEvent): void => {
    if (!closed.signal.aborted) onEvent(event);
  };
  let following: ReconnectingClient | undefined;
  const follow = (): void => {
    if (closed.signal.aborted) return;
    const ask = (): void => askStatus(METHOD.status, follower, report);
    const follower = followDaemon(spec, {
      client,
      onState: (link) => {
        onLinkState(spec.paths, link, () => installedOf(spec), report);
        if (link.state === "connected") ask();
      },
      onNotification: (method, params) => onNotification(method, params, report, ask),
    });
    following = follower;
  };
  // A failure to prepare is reported by the first start.
  void prepare().then(follow, follow);
  void followBreadcrumbs(spec.paths.log, (added) => report({ type: "breadcrumbs", added }), closed.signal);

  /** The newest operation. Another takes its place: what the user asked for last counts. */
  let current = new AbortController();
  const perform = async (effect: DaemonEffect): Promise<void> => {
    current.abort(new Error("another operation has taken its place"));
    current = new AbortController();
    const { signal } = current;
    const started = await carryOut(effect, {
      spec,
      client,
      prepare,
      report: (event) => report({ ...event, operation: effect.operation }),
      signal,
    });
    report({ type: "ledger", entries: ledgerOf(spec.paths) });
    // The daemon is known from here on, instead of being found by the follower after its next pause.
    if (started) following?.adopt(started);
    else if (!signal.aborted) following?.lookAgain();
  };
  return {
    perform: (effect) => void perform(effect),
    restartServer: async (name) => {
      if (!following) throw new LifecycleError(`The ${spec.name} daemon is not connected yet: try again in a moment.`);
      await following.request(METHOD.serverRestart, { name }, { timeoutMs: SERVER_RESTART_BOUND_MS });
    },
    close: () => {
      closed.abort();
      current.abort(new Error("the app quits"));
      following?.close();
    },
  };
}

function installedOf(spec: DaemonSpec): Installed | undefined {
  try {
    return spec.installed();
  } catch {
    // It is being replaced right now; watch-installed.ts reports the new one.
    return undefined;
  }
}
