import type { Span } from "../wire/json-scan.js";
import { nestedSpan } from "./span.js";

/** The place of `_meta["io.modelcontextprotocol/subscriptionId"]` in params or a result. */
export function subscriptionSpan(raw: Buffer, object: Span): Span | undefined {
  return metaSpan(raw, object, SUBSCRIPTION_KEY);
}

/** The place of `_meta["io.modelcontextprotocol/protocolVersion"]` in params. Every request since 2026-07-28 has it. */
export function versionSpan(raw: Buffer, params: Span): Span | undefined {
  return metaSpan(raw, params, VERSION_KEY);
}

function metaSpan(raw: Buffer, object: Span, key: Buffer): Span | undefined {
  // Most frames hold the key nowhere, and searching for its bytes is cheaper than walking the object.
  return raw.includes(key, object.start) ? nestedSpan(raw, object, ["_meta", key.toString()]) : undefined;
}

const SUBSCRIPTION_KEY = Buffer.from("io.modelcontextprotocol/subscriptionId");
const VERSION_KEY = Buffer.from("io.modelcontextprotocol/protocolVersion");
