import type { Socket } from "node:net";

import { ERROR } from "../../wire/control.js";
import { deadline } from "../../wire/deadline.js";
import { initialize, type ClientIdentity, type InitializeResult } from "../../wire/handshake.js";
import { Peer, PeerClosedError } from "../../wire/peer.js";
import { RpcError } from "../../wire/rpc-error.js";
import { identityOf, type Identity } from "../../version/identity.js";
import { connectSocket } from "./connect-socket.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";

/**
 * How long a daemon may be silent before it has answered `initialize`, ms of awake time. One whose client waits for the
 * start of a hosted server sends heartbeats meanwhile.
 */
export const HANDSHAKE_BOUND_MS = 5_000;

/** A connection on which the daemon has answered `initialize`. `notifications/initialized` has not been sent. */
export interface Connected {
  peer: Peer;
  socket: Socket;
  initialized: InitializeResult;
  identity: Identity;
}

/** What can be learned about a daemon from its socket alone. */
export type Probe =
  /** Nothing listens on the socket. */
  | { state: "no-listener" }
  /** Connected, without an answer. `socket` is still open, so that the kernel can name its other end; undefined: queue full. */
  | { state: "silent"; socket: Socket | undefined }
  /** The other side hung up during the handshake, as a daemon does that is being replaced. */
  | { state: "ended" }
  | ({ state: "answered" } & Connected);

export interface ProbeBounds {
  /** Of silence before the answer to `initialize`, ms of awake time. Default: HANDSHAKE_BOUND_MS. */
  handshakeMs?: number;
  /** Ends the probe, which then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** Connects and shakes hands once. The caller owns what comes back, and closes it with `hangUp`. */
export async function probeDaemon(
  spec: DaemonSpec,
  client: ClientIdentity,
  { handshakeMs = HANDSHAKE_BOUND_MS, signal }: ProbeBounds = {},
): Promise<Probe> {
  const socket = await connectSocket(spec.paths.socket, signal);
  if (socket === "no-listener") return { state: "no-listener" };
  if (socket === "busy") return { state: "silent", socket: undefined };
  const peer = new Peer(socket, socket);
  using bound = deadline("the daemon's answer to initialize", handshakeMs, signal);
  // Not by the peer's handlers: what comes in one packet with the answer is held for those of the caller.
  const onBytes = (): void => bound.restart();
  if (client.hello.server !== undefined) socket.on("data", onBytes);
  try {
    const initialized = await initialize(peer, client, { signal: bound.signal });
    return { state: "answered", peer, socket, initialized, identity: identityOf(initialized, spec.experimentalKey) };
  } catch (error) {
    if (bound.passed) return { state: "silent", socket };
    peer.close();
    if (error instanceof PeerClosedError || isDraining(error)) return { state: "ended" };
    throw error;
  } finally {
    socket.off("data", onBytes);
  }
}

function isDraining(error: unknown): boolean {
  return error instanceof RpcError && error.code === ERROR.draining;
}

/** Closes the connection of what was found, if it has one. */
export function hangUp(found: { state: string; peer?: Peer; socket?: Socket | undefined }): void {
  if (found.peer) found.peer.close();
  else found.socket?.destroy();
}
