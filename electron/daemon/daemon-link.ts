import { ensureDaemon } from "../../src/client/ensure.js";
import { followDaemon, type ReconnectingClient } from "../../src/client/follow/reconnecting-client.js";
import type { LinkState } from "../../src/client/follow/reconnecting-link.js";
import { FRESH, type EnsureOptions } from "../../src/client/ensure-options.js";
import { reportStatus } from "../../src/client/connect/status-report.js";
import { METHOD, NOTIFICATION, type DaemonStatus, type Draining, type Heartbeat } from "../../src/wire/control.js";
import { readLedger } from "../../src/state/ledger.js";
import { RefusedError, UnresponsiveError } from "../../src/client/lifecycle-errors.js";
import { stopDaemon } from "../../src/client/stop/stop-daemon.js";
import type { ClientIdentity } from "../../src/wire/handshake.js";
import type { DaemonSpec } from "../../src/client/spec/daemon-spec.js";
import type { Installed } from "../../src/version/identity.js";
import type { Effect } from "../model/effects.js";
import type { DaemonEvent, StartFailure } from "../model/events.js";
import { followBreadcrumbs } from "./breadcrumb-feed.js";

/** What can be done with a daemon. */
export type DaemonEffect = Extract<Effect, { do: "start" | "restart" | "stop" }>;

export interface DaemonLink {
  /** Carries out one effect; what comes of it is told as events. */
  perform(effect: DaemonEffect): void;
  /** Asks the daemon to restart one of its hosted servers. Rejects with its error. */
  restartServer(name: string): Promise<void>;
  close(): void;
}

export interface DaemonLinkOptions {
  spec: DaemonSpec;
  /** Of this app, for the daemon to know. */
  version: string;
  onEvent: (event: DaemonEvent) => void;
  /** Makes sure that there is something to start a daemon from; awaited before the first look and before each act. */
  prepare: () => Promise<void>;
}

/** A status that stays away this long, ms, says no more than missing heartbeats do. */
const STATUS_BOUND_MS = 5_000;

/**
 * One daemon as the app sees it: everything that happens to it as events, everything that the app decided as effects.
 * The connection that watches is passive and never replaces a daemon; only effects act, each with the full handshake.
 */
export function openDaemonLink({ spec, version, onEvent, prepare }: DaemonLinkOptions): DaemonLink {
  const client: ClientIdentity = {
    clientInfo: { name: `${spec.name}-tray`, version },
    hello: { role: "tray", pid: process.pid, heartbeat: true },
  };
  const closed = new AbortController();
  const tell = (event: DaemonEvent): void => {
    if (!closed.signal.aborted) onEvent(event);
  };
  let following: ReconnectingClient | undefined;
  const follow = (): void => {
    if (closed.signal.aborted) return;
    const follower = followDaemon(spec, {
      client,
      onState: (state) => onState(spec, state, tell, () => askStatus(spec, follower, tell)),
      onNotification: (method, params) => onNotification(method, params, tell, () => askStatus(spec, follower, tell)),
    });
    following = follower;
  };
  const followAndLook = (): void => {
    follow();
    void sayIfAbsent(spec, tell);
  };
  // A failure is told by the act that wants a daemon.
  void prepare().then(followAndLook, follow);
  void followBreadcrumbs(spec.paths.log, (added) => tell({ type: "breadcrumbs", added }), closed.signal);
  return {
    perform: (effect) => void perform(spec, client, effect, prepare, tell),
    restartServer: async (name) => {
      await following?.request(METHOD.serverRestart, { name });
    },
    close: () => {
      closed.abort();
      following?.close();
    },
  };
}

function onState(spec: DaemonSpec, link: LinkState, tell: (event: DaemonEvent) => void, ask: () => void): void {
  switch (link.state) {
    case "connected":
      tell({ type: "connected", identity: link.identity, installed: installedOf(spec) });
      tell({ type: "ledger", entries: readLedger(spec.paths.restartLock) });
      ask();
      break;
    case "reconnecting":
      tell({ type: "disconnected" });
      break;
    case "refused": {
      const kind = link.error instanceof UnresponsiveError ? "unresponsive" : "refused";
      tell({ type: "unusable", kind, error: link.error.message });
      break;
    }
    case "closed":
      break;
  }
}

function onNotification(method: string, params: unknown, tell: (event: DaemonEvent) => void, ask: () => void): void {
  switch (method) {
    case NOTIFICATION.heartbeat:
      tell({ type: "heartbeat", beat: params as Heartbeat });
      break;
    case NOTIFICATION.draining:
      tell({ type: "draining", draining: params as Draining });
      break;
    case NOTIFICATION.changed:
      ask();
      break;
  }
}

function askStatus(spec: DaemonSpec, follower: ReconnectingClient, tell: (event: DaemonEvent) => void): void {
  const method = spec.control?.status;
  if (method === undefined) return;
  follower.request(method, {}, { timeoutMs: STATUS_BOUND_MS }).then(
    (status) => tell({ type: "status", status: status as DaemonStatus }),
    () => undefined, // The connection's own events and the missing heartbeats say what is wrong.
  );
}

async function sayIfAbsent(spec: DaemonSpec, tell: (event: DaemonEvent) => void): Promise<void> {
  try {
    if ((await reportStatus(spec, "tray")).state === "stopped") tell({ type: "absent" });
  } catch (error) {
    tell({ type: "unusable", kind: kindOf(error), error: (error as Error).message });
  }
}

async function perform(
  spec: DaemonSpec,
  client: ClientIdentity,
  effect: DaemonEffect,
  prepare: DaemonLinkOptions["prepare"],
  tell: (event: DaemonEvent) => void,
): Promise<void> {
  const report: EnsureOptions["report"] = (progress) => tell({ type: "progress", progress });
  try {
    if (effect.do !== "stop") await prepare();
    switch (effect.do) {
      case "stop":
        await stopDaemon(spec, { role: "tray", report });
        return tell({ type: "stopped" });
      case "start": {
        const { peer } = await ensureDaemon(spec, {
          ...FRESH,
          client,
          report,
          // Only a click may replace a daemon that does not answer.
          mayReplaceUnresponsive: effect.why === "requested",
        });
        peer.close();
        return tell({ type: "started" });
      }
      case "restart": {
        const { peer } = await ensureDaemon(spec, {
          ...FRESH,
          client,
          report,
          mayReplaceUnresponsive: true,
          force: effect.force,
          restart: { reason: effect.why === "unresponsive" ? "it did not answer" : "requested in the app" },
        });
        peer.close();
        return tell({ type: "started" });
      }
    }
  } catch (error) {
    const { message } = error as Error;
    tell(
      effect.do === "stop"
        ? { type: "stopFailed", error: message }
        : { type: "startFailed", kind: kindOf(error), error: message },
    );
  } finally {
    tell({ type: "ledger", entries: readLedger(spec.paths.restartLock) });
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
    // Being replaced right now; the watch on the installation tells when it is whole again.
    return undefined;
  }
}
