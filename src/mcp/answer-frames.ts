import type { Refusal } from "./refusals.js";

/** The frame that answers the request whose id is `idText` in JSON with an error. */
export function errorFrame(idText: string, refusal: Refusal): string {
  return `{"jsonrpc":"2.0","id":${idText},"error":${JSON.stringify(refusal)}}`;
}

/** The frame that answers the request whose id is `idText` in JSON. */
export function resultFrame(idText: string, result: unknown): string {
  return resultTextFrame(idText, JSON.stringify(result));
}

/** The same with a result that is JSON text. */
export function resultTextFrame(idText: string, resultText: string): string {
  return `{"jsonrpc":"2.0","id":${idText},"result":${resultText}}`;
}

export function requestFrame(idText: string, method: string, params: object): string {
  return `{"jsonrpc":"2.0","id":${idText},"method":"${method}","params":${JSON.stringify(params)}}`;
}

export function notificationFrame(method: string, params?: object): string {
  return JSON.stringify({ jsonrpc: "2.0", method, params });
}
