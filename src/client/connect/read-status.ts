import type { DaemonStatus, ServerState, ServerStatus } from "../../wire/control.js";
import { asObject } from "../../wire/message.js";

/** What a report uses of a `DaemonStatus`; undefined or left out is what the answer does not give, or gives wrongly. */
export interface ReadStatus {
  state: DaemonStatus["state"];
  version: string | undefined;
  hello: unknown;
  uptimeMs: number | undefined;
  heartbeat:
    { at: number; seq: number | undefined; intervalMs: number | undefined; lagMs: number | undefined } | undefined;
  clients: number | undefined;
  inFlight: number | undefined;
  rssBytes: number | undefined;
  servers: ServerStatus[];
}

/** Reads the answer to the request for the status, whatever it lacks: the daemon may be an old one or another project's. */
export function readStatus(result: unknown): ReadStatus {
  const { state, version, hello, uptimeMs, heartbeat, clients, inFlight, rssBytes, servers } = asObject(result);
  const { at, seq, intervalMs, lagMs } = asObject(heartbeat);
  const beatAt = asNumber(at);
  return {
    state: state === "draining" ? "draining" : "running",
    version: typeof version === "string" ? version : undefined,
    hello,
    uptimeMs: asNumber(uptimeMs),
    heartbeat:
      beatAt === undefined
        ? undefined
        : { at: beatAt, seq: asNumber(seq), intervalMs: asNumber(intervalMs), lagMs: asNumber(lagMs) },
    clients: asNumber(clients),
    inFlight: asNumber(inFlight),
    rssBytes: asNumber(rssBytes),
    servers: Array.isArray(servers) ? servers.flatMap((server: unknown) => readServer(server) ?? []) : [],
  };
}

const SERVER_STATES: readonly ServerState[] = ["stopped", "starting", "ready", "backoff", "stopping", "invalid"];

function readServer(value: unknown): ServerStatus | undefined {
  const { name, state, pid, version, sessions, calls, errors, lastUsedAt, problem } = asObject(value);
  const known = SERVER_STATES.find((one) => one === state);
  if (typeof name !== "string" || known === undefined) return undefined;
  return {
    ...asObject(value),
    name,
    state: known,
    pid: asNumber(pid) ?? null,
    version: typeof version === "string" ? version : null,
    sessions: asNumber(sessions) ?? 0,
    calls: asNumber(calls) ?? 0,
    errors: asNumber(errors) ?? 0,
    lastUsedAt: typeof lastUsedAt === "string" ? lastUsedAt : null,
    ...(typeof problem === "string" && { problem }),
  };
}

function asNumber(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
