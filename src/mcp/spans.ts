import { scanObject, type Span } from "../wire/json-scan.js";

/** Where the value of `key` stands in the object at `object`; undefined when there is none, or no object. */
export function memberSpan(raw: Buffer, object: Span, key: string): Span | undefined {
  if (raw[object.start] !== OPEN_BRACE) return undefined;
  let found: Span | undefined;
  scanObject(raw, object.start, (name, value) => {
    if (name === key) found = value;
  });
  return found;
}

/** Where `_meta["io.modelcontextprotocol/subscriptionId"]` stands in params or a result. */
export function subscriptionSpan(raw: Buffer, object: Span): Span | undefined {
  return metaSpan(raw, object, SUBSCRIPTION_KEY);
}

/** True for the params of a request that says itself which protocol it speaks, as all do since 2026-07-28. */
export function standsAlone(raw: Buffer, params: Span | undefined): boolean {
  return params !== undefined && metaSpan(raw, params, VERSION_KEY) !== undefined;
}

function metaSpan(raw: Buffer, object: Span, key: Buffer): Span | undefined {
  // Most frames hold the key nowhere, and a search for its bytes is cheaper than a walk.
  if (!raw.includes(key, object.start)) return undefined;
  const meta = memberSpan(raw, object, "_meta");
  return meta && memberSpan(raw, meta, key.toString());
}

const OPEN_BRACE = 0x7b;
const SUBSCRIPTION_KEY = Buffer.from("io.modelcontextprotocol/subscriptionId");
const VERSION_KEY = Buffer.from("io.modelcontextprotocol/protocolVersion");
