import type { RequestEnvelope } from "../wire/envelope.js";
import { versionSpan } from "./meta.js";

/**
 * How a conversation states its protocol version: "initialize" up to 2025-11-25, or, since 2026-07-28, "none": there is
 * no handshake, and each request states it. A server's process speaks one of them.
 */
export type Era = "initialize" | "none";

/** The era of a client's request. */
export function eraOf({ method, raw, params }: RequestEnvelope): Era {
  if (method === "server/discover" || isSubscription(method)) return "none";
  return params !== undefined && versionSpan(raw, params) !== undefined ? "none" : "initialize";
}

/** True for the request that stays open on purpose, to carry notifications (since 2026-07-28). No drain waits for it. */
export function isSubscription(method: string): boolean {
  return method === "subscriptions/listen";
}
