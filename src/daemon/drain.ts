import { afterAwake } from "../wire/awake.js";
import type { Draining, ShutdownParams } from "../wire/control.js";
import type { CutOffCall } from "../log/breadcrumbs.js";
import type { LogWriter } from "../log/writer.js";
import type { HostedServers } from "../servers/hosted-servers.js";
import type { Connection } from "./connection/connection.js";
import type { Listener } from "./listener.js";
import { armWatchdog, type Watchdog } from "./watchdog.js";

export interface Drain {
  /** Resolves when no call is open, no client is connected and every hosted server has ended. */
  done: Promise<void>;
  /** The second signal: cuts off at once what is still open. */
  hurry(): void;
  /** Ends the watchdog, after everything that could hang. The process may exit when this has resolved. */
  disarm(): Promise<void>;
}

/** How long clients have to hear of the daemon's end, ms. A stopped client (SIGSTOP) never does. */
const HEARD_MS = 100;
/** How long hosted servers have to end, however long calls would have had, ms; then SIGKILL. */
const SERVERS_STOP_MS = 3_000;
/** By then, ms after the drain time, they must have ended even if calls took all of it. */
const SERVERS_LATEST_MS = 1_500;
/** Clients send SIGKILL two seconds after the drain time. The watchdog, which logs the reason, acts a little earlier. */
const WATCHDOG_MS = 1_800;

/**
 * Ends the daemon's work in order: no new connections or requests, then time for running calls, then an error for those
 * that remain. Every client is notified before its connection ends.
 */
export function drain(
  request: Required<ShutdownParams>,
  daemon: {
    log: LogWriter;
    logPath: string;
    listener: Listener;
    connections: ReadonlySet<Connection>;
    servers: HostedServers;
    markDraining: (deadlineMs: number) => void;
  },
): Drain {
  const { log, servers, connections } = daemon;
  const hurried = new AbortController();
  const startedAt = performance.now();
  const { reason, by, drainMs, for: endsFor } = request;
  const deadlineMs = Date.now() + drainMs;
  let watchdog: Watchdog | undefined;

  const endCalls = async (): Promise<void> => {
    log.event({ kind: "stopping", reason, by, drainMs });
    daemon.listener.stopAccepting();
    servers.refuseNew();
    const draining: Draining = { reason, by, for: endsFor, deadlineMs };
    const heard = Promise.all([...connections].map((connection) => connection.farewell(draining)));
    if (servers.inFlight > 0 || servers.running > 0 || endsFor === "fault") {
      daemon.markDraining(deadlineMs);
      watchdog = await armWatchdog(drainMs + WATCHDOG_MS, daemon.logPath, (why) =>
        log.write("warn", "daemon", `no watchdog guards this shutdown: ${why}`),
      );
    }
    await within(drainMs, servers.drained(), hurried.signal);
    // Requests that were on their way when `draining` was sent are read and refused before their connection ends. Unread
    // they would be lost, and their clients could not know whether they ran.
    await within(HEARD_MS, heard, hurried.signal);
    const cutOff = servers.cutOff();
    if (cutOff.length > 0) log.event({ kind: "cut-off", calls: countCalls(cutOff) });
  };

  const end = async (): Promise<void> => {
    try {
      await endCalls();
    } finally {
      for (const connection of connections) connection.close();
      const leftMs = startedAt + drainMs + SERVERS_LATEST_MS - performance.now();
      const stopMs = Math.max(0, Math.min(SERVERS_STOP_MS, leftMs));
      await within(stopMs, servers.stop(stopMs), hurried.signal);
      await servers.stop(0);
    }
  };
  return { done: end(), hurry: () => hurried.abort(), disarm: async () => watchdog?.disarm() };
}

/** Waits for `work`, for at most `ms` of awake time, and no longer once `hurried` aborts. */
async function within(ms: number, work: Promise<unknown>, hurried: AbortSignal): Promise<void> {
  if (hurried.aborted) return;
  let end: () => void = () => undefined;
  const late = new Promise<void>((resolve) => (end = resolve));
  const timer = afterAwake(ms, end);
  hurried.addEventListener("abort", end, { once: true });
  await Promise.race([work, late]);
  timer.stop();
  hurried.removeEventListener("abort", end);
}

function countCalls(calls: readonly { server: string; tool: string }[]): CutOffCall[] {
  const counted = new Map<string, CutOffCall>();
  for (const { server, tool } of calls) {
    const key = `${server}/${tool}`;
    const call = counted.get(key) ?? { server, tool, count: 0 };
    call.count++;
    counted.set(key, call);
  }
  return [...counted.values()];
}
