import { FrameError } from "./frames.js";

/** One JSON-RPC message as received; the types of its members are not checked yet. */
export interface Message {
  id?: unknown;
  method?: unknown;
  params?: unknown;
  result?: unknown;
  error?: unknown;
}

/** Parses one frame. Throws FrameError for anything but a JSON object. */
export function parseMessage(raw: Buffer): Message {
  let message: unknown;
  try {
    message = JSON.parse(raw.toString());
  } catch (cause) {
    throw new FrameError("A message is not JSON.", { cause });
  }
  if (!isObject(message)) throw new FrameError("A message is not a JSON object.", { rpcCode: -32600 });
  return message;
}

/** True for a JSON object: no array, no null. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value if it is a JSON object, otherwise an empty one. */
export function asObject(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}
