import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { Duplex } from "node:stream";

import { FrameStream } from "../../wire/frame-stream.js";
import type { Ensured } from "../ensure-options.js";
import { ReconnectingClient } from "../follow/reconnecting-client.js";
import { RequestTransport } from "./request-transport.js";
import { StreamTransport } from "./stream-transport.js";

/**
 * The official SDK's `Transport`, for `Client.connect`, over what `ensureDaemon` or `connectReconnecting` has returned, or
 * over a connected socket. Does not load the SDK.
 *
 * The connections of this library have made their handshake, so the SDK's `initialize` is answered with the daemon's
 * answer to that; the capabilities that the SDK's client has are named in `client.capabilities` there. The transport
 * takes the connection over: its peer, or the reconnecting client, is not used for anything else. Over a reconnecting
 * client the SDK's client outlives the daemon, and a request that may have run fails with `data.outcome` "unknown".
 * Over a socket the SDK makes the handshake, so nothing may have been sent on it.
 *
 * @example
 * ```ts
 * const client = new Client({ name: "notes", version: "1.0.0" });
 * await client.connect(createSdkTransport(await ensureDaemon(spec, options)));
 * const { tools } = await client.listTools();
 * ```
 */
export function createSdkTransport(connection: Ensured | ReconnectingClient | Duplex): Transport {
  if (connection instanceof ReconnectingClient) return new RequestTransport(connection);
  if (!("peer" in connection)) {
    return new StreamTransport((handlers) => new FrameStream(connection, connection, handlers), undefined);
  }
  return new StreamTransport((handlers) => connection.peer.release(handlers), connection);
}
