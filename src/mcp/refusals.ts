import { counted } from "../text/count.js";
import { exactDurationText } from "../text/duration.js";
import { suggest } from "../text/suggest.js";
import { ERROR } from "../wire/control.js";
import { RpcError } from "../wire/rpc-error.js";
import type { Era } from "./era.js";

/** A JSON-RPC error of Lockstep's own, in place of a server's answer. */
export interface Refusal {
  code: number;
  message: string;
  data?: Record<string, unknown>;
}

export function methodNotFound(message: string): Refusal {
  return { code: -32601, message };
}

export function invalidParams(message: string): Refusal {
  return { code: -32602, message };
}

export function internalError(message: string): Refusal {
  return { code: -32603, message };
}

/** Lockstep is shutting down. `delivered`: the request may have reached its server. */
export function draining(delivered: boolean): Refusal {
  return delivered
    ? {
        code: ERROR.draining,
        message:
          "Lockstep is shutting down and could not wait for this call any longer. Whether it took effect is unknown.",
        data: UNKNOWN_OUTCOME,
      }
    : {
        code: ERROR.draining,
        message: "Lockstep is shutting down. The request was not delivered.",
        data: { delivered: false },
      };
}

/** The server cannot take requests now; nothing was delivered. `why` is a sentence. */
export function serverUnavailable(server: string, why: string): Refusal {
  return { code: ERROR.serverUnavailable, message: why, data: { delivered: false, server } };
}

/** The request is of the era that its server does not speak (see `Era`). */
export function otherEra(server: string, servers: Era): Refusal {
  // Reads like an older server's error, so that clients that try 2026-07-28 first fall back to `initialize`.
  if (servers === "initialize") return methodNotFound(`The server "${server}" is reached with initialize only.`);
  return serverUnavailable(
    server,
    `The server "${server}" speaks only MCP 2026-07-28, and the request is of an older one.`,
  );
}

/** The server ended before it answered. `why` is a sentence. */
export function serverLost(server: string, why: string): Refusal {
  const message = `${why} Whether the call took effect is unknown.`;
  return { code: ERROR.serverLost, message, data: { ...UNKNOWN_OUTCOME, server } };
}

/** The call took longer than the configured `timeout`, which counts from its last progress (`hasProgressed`) if there was any. */
export function serverTimeout(server: string, timeoutMs: number, hasProgressed: boolean): Refusal {
  const since = hasProgressed ? "of its last progress" : "of the request and reported no progress";
  const message =
    `The server "${server}" did not answer within ${exactDurationText(timeoutMs)} ${since}, so the call was cancelled. ` +
    `Its limit is "lockstep": {"timeout": …} in servers.json; the start of a server has one of its own, "startTimeout".`;
  return { code: ERROR.serverTimeout, message, data: { ...UNKNOWN_OUTCOME, server } };
}

/** The task is another client's. The words are those of a server that does not know it. */
export function taskNotFound(taskId: string): Refusal {
  return invalidParams(`Failed to retrieve task: Task not found: ${taskId}`);
}

/** The server runs a limited number of calls at once, and the call's turn did not come within the configured `timeout`. */
export function callWaitedTooLong(server: string, timeoutMs: number, concurrency: number): Refusal {
  const message =
    `The call waited ${exactDurationText(timeoutMs)} for its turn and was not sent: ${limitOf(server, concurrency)}. ` +
    `The limit of the wait is "lockstep": {"timeout": …} in servers.json.`;
  return { code: ERROR.serverTimeout, message, data: { delivered: false, server } };
}

/** The client has so much under way ("1000 requests") that its request is not taken as well. */
export function tooMuchOpen(limit: string): Refusal {
  const message = `This client has ${limit} without an answer, so this one was not sent. Send it again when some of them have been answered.`;
  return { code: ERROR.serverUnavailable, message, data: { delivered: false } };
}

function limitOf(server: string, concurrency: number): string {
  return `the server "${server}" runs ${counted(concurrency, "call")} at a time ("lockstep": {"concurrency": ${concurrency}})`;
}

/** No server has that name. `known`: the configured names, of which the nearest is suggested. */
export function serverUnknown(server: string, known: string[]): Refusal {
  const near = suggest(server, known);
  const names = known.length === 0 ? "No server is configured." : `Configured: ${known.join(", ")}.`;
  const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
  const message = `There is no server "${server}" in servers.json. ${names}${hint}`;
  return { code: ERROR.serverUnknown, message, data: { delivered: false, server, known } };
}

/** The same as an Error, to reject a promise with. */
export function asRpcError(refusal: Refusal): RpcError {
  return new RpcError(refusal.code, refusal.message, refusal.data);
}

const UNKNOWN_OUTCOME = { delivered: true, outcome: "unknown" };
