import { isObject } from "./message.js";

/** An error as JSON-RPC answers it; thrown in `onRequest` it is the answer. */
export class RpcError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.name = "RpcError";
    this.code = code;
    this.data = data;
  }
}

/** The `error` member of an answer, however malformed. */
export function readRpcError(error: unknown): RpcError {
  if (!isObject(error)) return new RpcError(-32603, `The answer's error is malformed: ${JSON.stringify(error)}`);
  const { code, message, data } = error;
  return new RpcError(typeof code === "number" ? code : -32603, typeof message === "string" ? message : "", data);
}

/** The `error` member for an answer to a request whose handler threw. */
export function errorMember(thrown: unknown): object {
  if (thrown instanceof RpcError) return { code: thrown.code, message: thrown.message, data: thrown.data };
  return { code: -32603, message: thrown instanceof Error ? thrown.message : String(thrown) };
}
