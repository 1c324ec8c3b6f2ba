import { ensureDaemon } from "../../src/client/ensure.js";
import { followDaemon, type ReconnectingClient } from "../../src/client/follow/reconnecting-client.js";
import { FRESH, type EnsureOptions } from "../../src/client/ensure-options.js";
import { METHOD } from "../../src/wire/control.js";
import { readLedger } from "../../src/state/ledger.js";
import { stopDaemon } from "../../src/client/stop/stop-daemon.js";
import type { ClientIdentity } from "../../src/wire/handshake.js";
import type { DaemonSpec } from "../../src/client/spec/daemon-spec.js";
import type { Installed } from "../../src/version/identity.js";
import type { Effect } from "../model/effects.js";
import type { DaemonEvent } from "../model/events.js";
import { followBreadcrumbs } from "./breadcrumb-feed.js";
import { askStatus, failureOf, onLinkState, onNotification } from "./link-events.js";

/** The effects that act on a daemon. */
export type DaemonEffect = Extract<Effect, { do: "start" | "restart" | "stop" }>;

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
  return {
    perform: (effect) => void perform(spec, client, effect, prepare, report),
    restartServer: async (name) => {
      await following?.request(METHOD.serverRestart, { name });
    },
    close: () => {
      closed.abort();
      following?.close();
    },
  };
}

async function perform(
  spec: DaemonSpec,
  client: ClientIdentity,
  effect: DaemonEffect,
  prepare: DaemonLinkOptions["prepare"],
  report: (event: DaemonEvent) => void,
): Promise<void> {
  const onProgress: EnsureOptions["report"] = (progress) => report({ type: "progress", progress });
  try {
    if (effect.do !== "stop") await prepare();
    switch (effect.do) {
      case "stop":
        await stopDaemon(spec, { role: "tray", report: onProgress });
        return report({ type: "stopped" });
      case "start": {
        const { peer } = await ensureDaemon(spec, {
          ...FRESH,
          client,
          report: onProgress,
          // A daemon that does not answer is replaced at a click only, or when the app starts.
          mayReplaceUnresponsive: effect.why === "requested",
        });
        peer.close();
        return report({ type: "started" });
      }
      case "restart": {
        const { peer } = await ensureDaemon(spec, {
          ...FRESH,
          client,
          report: onProgress,
          mayReplaceUnresponsive: true,
          force: effect.force,
          restart: { reason: effect.why === "unresponsive" ? "it did not answer" : "requested in the app" },
        });
        peer.close();
        return report({ type: "started" });
      }
    }
  } catch (error) {
    const { message } = error as Error;
    report(
      effect.do === "stop"
        ? { type: "stopFailed", error: message }
        : { type: "startFailed", kind: failureOf(error), error: message },
    );
  } finally {
    report({ type: "ledger", entries: readLedger(spec.paths.restartLock) });
  }
}

function installedOf(spec: DaemonSpec): Installed | undefined {
  try {
    return spec.installed();
  } catch {
    // It is being replaced right now; watch-installed.ts reports the new one.
    return undefined;
  }
}
