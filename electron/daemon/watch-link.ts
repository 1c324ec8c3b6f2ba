import { watchDaemon, type ReconnectingClient } from "../../src/client/follow/reconnecting-client.js";
import type { WatchedDaemon } from "../../src/client/spec/daemon-spec.js";
import type { Identity } from "../../src/version/identity.js";
import { METHOD } from "../../src/wire/control.js";
import type { DaemonEvent } from "../model/events.js";
import { followBreadcrumbs } from "./breadcrumb-feed.js";
import { askStatus, onLinkState, onNotification } from "./link-events.js";

/** The app's link to another tool's daemon, which can do nothing but be closed. */
export interface WatchLink {
  close(): void;
}

/** Reports what happens to another tool's daemon. `version`: of this app, for the handshake. */
export function openWatchLink(
  daemon: WatchedDaemon,
  version: string,
  onEvent: (event: DaemonEvent) => void,
): WatchLink {
  const closed = new AbortController();
  const report = (event: DaemonEvent): void => {
    if (!closed.signal.aborted) onEvent(event);
  };
  const ask = (): void => askStatus(METHOD.status, follower, report);
  const follower = watchDaemon(daemon, {
    client: {
      clientInfo: { name: "lockstep-tray", version },
      hello: { role: "tray", pid: process.pid, heartbeat: true },
    },
    onState: (link) => {
      onLinkState(daemon.paths, link, () => undefined, report);
      if (link.state === "connected") askForMore(link.identity, follower, ask);
    },
    onNotification: (method, params) => onNotification(method, params, report, ask),
  });
  void followBreadcrumbs(daemon.paths.log, (added) => report({ type: "breadcrumbs", added }), closed.signal);
  return {
    close: () => {
      closed.abort();
      follower.close();
    },
  };
}

/** A daemon that knows Lockstep's protocol has a status; any other may send the heartbeat of PreviewsMCP's log. */
function askForMore(identity: Identity, follower: ReconnectingClient, ask: () => void): void {
  if (identity.protocol !== undefined) return ask();
  // An error means that it sends none.
  follower.request("logging/setLevel", { level: "debug" }).catch(() => undefined);
}
