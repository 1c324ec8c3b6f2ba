import { ensureDaemon } from "../../src/client/ensure.js";
import { followDaemon, type ReconnectingClient } from "../../src/client/follow/reconnecting-client.js";
import type { LinkState } from "../../src/client/follow/reconnecting-link.js";
import { FRESH, type EnsureOptions } from "../../src/client/ensure-options.js";
import { METHOD, NOTIFICATION } from "../../src/wire/control.js";
import { readLedger } from "../../src/state/ledger.js";
import { RefusedError, UnresponsiveError } from "../../src/client/lifecycle-errors.js";
import { stopDaemon } from "../../src/client/stop/stop-daemon.js";
import type { ClientIdentity } from "../../src/wire/handshake.js";
import type { DaemonSpec } from "../../src/client/spec/daemon-spec.js";
import type { Installed } from "../../src/version/identity.js";
import type { Effect } from "../model/effects.js";
import type { DaemonEvent, StartFailure } from "../model/events.js";
import { followBreadcrumbs } from "./breadcrumb-feed.js";
import { parseDraining, parseHeartbeat, parseStatus } from "./daemon-messages.js";

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

/** After this time, ms, the missing heartbeats show that the daemon does not answer. */
const STATUS_BOUND_MS = 5_000;

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
    const follower = followDaemon(spec, {
      client,
      onState: (state) => onState(spec, state, report, () => askStatus(spec, follower, report)),
      onNotification: (method, params) =>
        onNotification(method, params, report, () => askStatus(spec, follower, report)),
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

function onState(spec: DaemonSpec, link: LinkState, report: (event: DaemonEvent) => void, ask: () => void): void {
  switch (link.state) {
    case "connected":
      report({ type: "connected", identity: link.identity, installed: installedOf(spec) });
      report({ type: "ledger", entries: readLedger(spec.paths.restartLock) });
      ask();
      break;
    case "reconnecting":
      report({ type: "disconnected" });
      break;
    case "absent":
      report({ type: "absent" });
      break;
    case "refused":
      report({ type: "unusable", kind: kindOf(link.error), error: link.error.message });
      break;
    case "closed":
      break;
  }
}

function onNotification(method: string, params: unknown, report: (event: DaemonEvent) => void, ask: () => void): void {
  switch (method) {
    case NOTIFICATION.heartbeat:
      reportIf(parseHeartbeat(params), (beat) => report({ type: "heartbeat", beat }));
      break;
    case NOTIFICATION.draining:
      reportIf(parseDraining(params), (draining) => report({ type: "draining", draining }));
      break;
    case NOTIFICATION.changed:
      ask();
      break;
  }
}

function askStatus(spec: DaemonSpec, follower: ReconnectingClient, report: (event: DaemonEvent) => void): void {
  const method = spec.control?.status;
  if (method === undefined) return;
  follower.request(method, {}, { timeoutMs: STATUS_BOUND_MS }).then(
    (result) => reportIf(parseStatus(result), (status) => report({ type: "status", status })),
    () => undefined, // The end of the connection, or the missing heartbeats, show what is wrong.
  );
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
        : { type: "startFailed", kind: kindOf(error), error: message },
    );
  } finally {
    report({ type: "ledger", entries: readLedger(spec.paths.restartLock) });
  }
}

function kindOf(error: unknown): StartFailure {
  if (error instanceof RefusedError) return "refused";
  return error instanceof UnresponsiveError ? "unresponsive" : "failed";
}

function installedOf(spec: DaemonSpec): Installed | undefined {
  try {
    return spec.installed();
  } catch {
    // It is being replaced right now; watch-installed.ts reports the new one.
    return undefined;
  }
}

function reportIf<T>(message: T | undefined, report: (message: T) => void): void {
  if (message !== undefined) report(message);
}
