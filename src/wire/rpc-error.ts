import { requireFrameLength } from "./frames.js";
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

/** The `error` member for an answer to a request whose handler threw: valid JSON, whatever was thrown. */
export function errorMember(thrown: unknown): object {
  const error = errorOf(thrown);
  if (!(error instanceof RpcError)) return { code: INTERNAL_ERROR, message: error.message };
  const { code, message, data } = error;
  const member = { code: Number.isSafeInteger(code) ? code : INTERNAL_ERROR, message };
  return fitsIntoFrame(data) ? { ...member, data } : member;
}

/** What was thrown, as an Error. Programs throw strings, objects without a prototype, proxies and nothing at all. */
export function errorOf(thrown: unknown): Error {
  try {
    if (thrown instanceof Error && typeof thrown.message === "string") return thrown;
    return new Error(isObject(thrown) && typeof thrown["message"] === "string" ? thrown["message"] : String(thrown));
  } catch {
    return new Error("something was thrown that has no text");
  }
}

const INTERNAL_ERROR = -32603;

function fitsIntoFrame(data: unknown): boolean {
  try {
    requireFrameLength(JSON.stringify({ data }));
    return true;
  } catch {
    return false;
  }
}
