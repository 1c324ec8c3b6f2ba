import type { JSONRPCMessage, JSONRPCRequest } from "@modelcontextprotocol/sdk/types.js";

import type { ClientIdentity, InitializeResult } from "../../wire/handshake.js";
import { asObject } from "../../wire/message.js";

/** A handshake that was made before the SDK's client got the connection. */
export interface Handshake {
  /** What was sent. */
  client: ClientIdentity;
  /** What the daemon answered. */
  initialized: InitializeResult;
}

export function isInitialize(message: JSONRPCMessage): message is JSONRPCRequest {
  return "method" in message && "id" in message && message.method === "initialize";
}

/**
 * The answer to the SDK's own `initialize`: the daemon's; or an error, if the SDK's client has capabilities that the
 * handshake did not name, since the daemon would never make use of them.
 */
export function answerToInitialize({ id, params }: JSONRPCRequest, { client, initialized }: Handshake): JSONRPCMessage {
  const named = new Set(["experimental", ...Object.keys(client.capabilities ?? {})]);
  const missing = Object.keys(asObject(asObject(params)["capabilities"])).filter((name) => !named.has(name));
  if (missing.length === 0) return { jsonrpc: "2.0", id, result: { ...initialized } };
  const message =
    `this connection was made without the capabilities ${missing.join(", ")} of the SDK's client: ` +
    `name them in "client.capabilities" when connecting`;
  return { jsonrpc: "2.0", id, error: { code: INVALID_PARAMS, message } };
}

const INVALID_PARAMS = -32602;
