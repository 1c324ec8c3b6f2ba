import type { Refusal } from "./refusals.js";

/** The frame that answers the request whose id is `idText` in JSON with an error. */
export function errorFrame(idText: string, refusal: Refusal): string {
  return `{"jsonrpc":"2.0","id":${idText},"error":${JSON.stringify(refusal)}}`;
}

/** The frame that answers the request whose id is `idText` in JSON. */
export function resultFrame(idText: string, result: unknown): string {
  return `{"jsonrpc":"2.0","id":${idText},"result":${JSON.stringify(result)}}`;
}

export function requestFrame(idText: string, method: string, params: object): string {
  return `{"jsonrpc":"2.0","id":${idText},"method":"${method}","params":${JSON.stringify(params)}}`;
}

export function notificationFrame(method: string, params?: object): string {
  return JSON.stringify({ jsonrpc: "2.0", method, params });
}
