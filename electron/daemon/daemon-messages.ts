import type { Draining, ServerState, ServerStatus } from "../../src/wire/control.js";
import type { Beat, LiveFacts } from "../model/daemon/daemon-state.js";

/**
 * The messages of a daemon, parsed: another version of Lockstep, or another tool, may send anything. Each function
 * returns undefined for a message without the fields that the app shows.
 */
export function parseHeartbeat(params: unknown): Beat | undefined {
  const { lagMs, rssBytes, clients, inFlight } = fieldsOf(params);
  if (!isNumber(lagMs) || !isNumber(rssBytes) || !isNumber(clients) || !isNumber(inFlight)) return undefined;
  return { lagMs, rssBytes, clients, inFlight };
}

export function parseDraining(params: unknown): Draining | undefined {
  const { reason, by, deadlineMs, for: endsFor } = fieldsOf(params);
  if (typeof reason !== "string" || typeof by !== "string" || !isNumber(deadlineMs)) return undefined;
  const known = ENDS_FOR.find((one) => one === endsFor);
  return { reason, by, deadlineMs, ...(known && { for: known }) };
}

const ENDS_FOR = ["stop", "restart", "upgrade", "fault"] as const;

export function parseStatus(result: unknown): LiveFacts | undefined {
  const { clients, inFlight, rssBytes, servers } = fieldsOf(result);
  if (!isNumber(clients) || !isNumber(inFlight) || !isNumber(rssBytes) || !Array.isArray(servers)) return undefined;
  return { clients, inFlight, rssBytes, servers: servers.flatMap((server: unknown) => parseServer(server) ?? []) };
}

function parseServer(value: unknown): ServerStatus | undefined {
  const { name, state, pid, version, sessions, calls, errors, lastUsedAt, problem } = fieldsOf(value);
  const known = SERVER_STATES.find((one) => one === state);
  if (typeof name !== "string" || known === undefined) return undefined;
  return {
    name,
    state: known,
    pid: isNumber(pid) ? pid : null,
    version: typeof version === "string" ? version : null,
    sessions: isNumber(sessions) ? sessions : 0,
    calls: isNumber(calls) ? calls : 0,
    errors: isNumber(errors) ? errors : 0,
    lastUsedAt: typeof lastUsedAt === "string" ? lastUsedAt : null,
    ...(typeof problem === "string" && { problem }),
  };
}

const SERVER_STATES: readonly ServerState[] = ["stopped", "starting", "ready", "backoff", "stopping", "invalid"];

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
