import type { RequestEnvelope } from "../wire/envelope.js";
import { versionSpan } from "./meta.js";

/**
 * How client and server agree on a protocol version: with "initialize" up to 2025-11-25; since 2026-07-28 they are
 * "stateless": there is no handshake, and each request states its version. A server's process serves one of the two.
 */
export type Era = "initialize" | "stateless";

/** The era of a client's request. */
export function eraOf({ method, raw, params }: RequestEnvelope): Era {
  if (method === "server/discover" || isSubscription(method)) return "stateless";
  return params !== undefined && versionSpan(raw, params) !== undefined ? "stateless" : "initialize";
}

/** True for the request that stays open to carry notifications (since 2026-07-28). A drain does not wait for it. */
export function isSubscription(method: string): boolean {
  return method === "subscriptions/listen";
}
