import { ERROR } from "../wire/control.js";
import { RpcError } from "../wire/peer.js";
import { exactDurationText } from "../text/duration.js";
import { suggest } from "../text/suggest.js";

/** A JSON-RPC error, to be put into a frame for whoever waits. */
export interface Refusal {
  code: number;
  message: string;
  data?: Record<string, unknown>;
}

/** The frame that answers the request whose id reads `idText` in JSON. */
export function errorFrame(idText: string, refusal: Refusal): string {
  return `{"jsonrpc":"2.0","id":${idText},"error":${JSON.stringify(refusal)}}`;
}

export function resultFrame(idText: string, result: unknown): string {
  return `{"jsonrpc":"2.0","id":${idText},"result":${JSON.stringify(result)}}`;
}

export function requestFrame(idText: string, method: string, params: object): string {
  return `{"jsonrpc":"2.0","id":${idText},"method":"${method}","params":${JSON.stringify(params)}}`;
}

export function notificationFrame(method: string, params?: object): string {
  return JSON.stringify({ jsonrpc: "2.0", method, params });
}

export function draining(delivered: boolean): Refusal {
  return delivered
    ? {
        code: ERROR.draining,
        message: "Lockstep is stopping and could not wait for this call any longer. Whether it took effect is unknown.",
        data: UNKNOWN_OUTCOME,
      }
    : {
        code: ERROR.draining,
        message: "Lockstep is stopping. The request was not delivered.",
        data: { delivered: false },
      };
}

export function serverUnavailable(server: string, why: string): Refusal {
  return { code: ERROR.serverUnavailable, message: why, data: { delivered: false, server } };
}

export function serverLost(server: string, why: string): Refusal {
  const message = `${why} Whether the call took effect is unknown.`;
  return { code: ERROR.serverLost, message, data: { ...UNKNOWN_OUTCOME, server } };
}

export function serverTimeout(server: string, timeoutMs: number, delivered: boolean): Refusal {
  const outcome = delivered ? UNKNOWN_OUTCOME : { delivered: false };
  const message =
    `The server "${server}" did not answer within ${exactDurationText(timeoutMs)}, so the call was cancelled. ` +
    `Its limit is "lockstep": {"timeout": …} in servers.json.`;
  return { code: ERROR.serverTimeout, message, data: { ...outcome, server } };
}

/** `known`: the configured names; the closest one is suggested. */
export function serverUnknown(server: string, known: string[]): Refusal {
  const near = suggest(server, known);
  const names = known.length === 0 ? "No server is configured." : `Configured: ${known.join(", ")}.`;
  const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
  const message = `There is no server "${server}" in servers.json. ${names}${hint}`;
  return { code: ERROR.serverUnknown, message, data: { delivered: false, server, known } };
}

export function asRpcError(refusal: Refusal): RpcError {
  return new RpcError(refusal.code, refusal.message, refusal.data);
}

const UNKNOWN_OUTCOME = { delivered: true, outcome: "unknown" };
