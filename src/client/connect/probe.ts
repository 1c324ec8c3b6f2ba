import type { Socket } from "node:net";

import { ERROR, NOTIFICATION } from "../../wire/control.js";
import { deadline } from "../../wire/deadline.js";
import { FrameError } from "../../wire/frames.js";
import { initialize, type ClientIdentity, type InitializeResult } from "../../wire/handshake.js";
import { isObject } from "../../wire/message.js";
import { Peer, PeerClosedError } from "../../wire/peer.js";
import { RpcError } from "../../wire/rpc-error.js";
import { identityOf, type Identity } from "../../version/identity.js";
import { escapeToOneLine } from "../../text/escape-control-characters.js";
import { connectSocket } from "./connect-socket.js";
import type { WatchedDaemon } from "../spec/daemon-spec.js";

/**
 * How long a daemon may be silent before it has answered `initialize`, ms of awake time. One whose client waits for the
 * start of a hosted server sends heartbeats meanwhile.
 */
export const HANDSHAKE_BOUND_MS = 5_000;

/** An open connection to what listens on the socket. */
export interface Connection {
  peer: Peer;
  socket: Socket;
}

/** A connection on which the daemon has answered `initialize`. `notifications/initialized` has not been sent. */
export interface Connected extends Connection {
  /** How this client introduced itself. */
  client: ClientIdentity;
  initialized: InitializeResult;
  identity: Identity;
  /**
   * The hosted server that the client asked for cannot be used. The connection is then one without that server, to judge
   * the daemon by.
   */
  serverProblem?: RpcError;
}

/** What can be learned about a daemon from one connection to its socket. */
export type Probe =
  /** Nothing listens on the socket. */
  | { state: "no-listener" }
  /** Connected, or waiting in a full queue, without an answer. */
  | { state: "silent" }
  /**
   * It hung up during the handshake, or refused it because it is draining: so does a daemon that is being replaced.
   * `problem` is what it does if it goes on doing that, as "it …".
   */
  | { state: "ended"; problem: string }
  | ({ state: "refusing"; code: number; message: string } & Connection)
  | { state: "noise"; problem: string }
  | ({ state: "answered" } & Connected);

export interface ProbeBounds {
  /** Of silence before the answer to `initialize`, ms of awake time. Default: HANDSHAKE_BOUND_MS. */
  handshakeMs?: number;
  /** Ends the probe, which then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/**
 * Connects and shakes hands once; a second time, without the hosted server, when that one is all that stands in the way:
 * another daemon may be able to use it. The caller owns what comes back, and closes it with `hangUp`. Throws ConnectError.
 */
export async function probeDaemon(
  spec: WatchedDaemon,
  client: ClientIdentity,
  { handshakeMs = HANDSHAKE_BOUND_MS, signal }: ProbeBounds = {},
): Promise<Probe> {
  const socket = await connectSocket(spec.paths.socket, signal);
  if (socket === "no-listener") return { state: "no-listener" };
  if (socket === "busy") return { state: "silent" };
  const peer = new Peer(socket, socket);
  using bound = deadline("the daemon's answer to initialize", handshakeMs, signal);
  using received = watchReceived(peer, socket, () => {
    if (client.hello.server !== undefined) bound.restart();
  });
  try {
    const { experimentalKey } = spec;
    const initialized = await initialize(peer, client, { signal: bound.signal, experimentalKey });
    const identity = identityOf(initialized, experimentalKey);
    return { state: "answered", peer, socket, client, initialized, identity };
  } catch (error) {
    const probe = bound.passed ? { state: "silent" as const } : probeOfFailure(error, received.start, { peer, socket });
    if (probe?.state !== "refusing") peer.close();
    if (probe) return probe;
    if (!(error instanceof RpcError) || client.hello.server === undefined) throw error;
    const { server: _unusable, ...hello } = client.hello;
    const other = await probeDaemon(spec, { ...client, hello }, { handshakeMs, signal });
    return other.state === "answered" ? { ...other, serverProblem: error } : other;
  }
}

/**
 * Remembers how what is received begins, and ends a connection on which bytes came that are no message: the other side,
 * which is to read why, may keep it open for a while. Not by the peer's handlers: what comes in one packet with the answer
 * is held for those of the caller.
 */
function watchReceived(peer: Peer, socket: Socket, onHeartbeat: () => void): Disposable & { readonly start: string } {
  let start = "";
  const onData = (chunk: Buffer): void => {
    if (chunk.includes(NOTIFICATION.heartbeat)) onHeartbeat();
    if (start.length < START_BYTES) start += chunk.toString("latin1", 0, START_BYTES);
    setImmediate(() => {
      if (peer.closed) peer.close(new FrameError("A message is not JSON."));
    });
  };
  socket.on("data", onData);
  return {
    get start() {
      return start;
    },
    [Symbol.dispose]: () => void socket.off("data", onData),
  };
}

const START_BYTES = 40;

function probeOfFailure(error: unknown, received: string, connection: Connection): Probe | undefined {
  if (error instanceof PeerClosedError) {
    const { cause } = error;
    if (cause instanceof FrameError) {
      const start = escapeToOneLine(received.split(/[\r\n]/, 1)[0] ?? "").slice(0, START_BYTES);
      return { state: "noise", problem: `it does not speak MCP, and sent "${start}"` };
    }
    return { state: "ended", problem: `it ends every connection during the handshake${colon(cause)}` };
  }
  if (!(error instanceof RpcError) || isAboutServer(error)) return undefined;
  const { code, message } = error;
  return code === ERROR.draining
    ? { state: "ended", problem: `it always answers that it is ending: ${message} (${code})` }
    : { state: "refusing", code, message, ...connection };
}

/** The first sentence of the error, without its full stop. */
function colon(cause: unknown): string {
  if (!(cause instanceof Error)) return "";
  const [first = ""] = cause.message.split(/\.(?:\s|$)/);
  return `: ${first.charAt(0).toLowerCase()}${first.slice(1)}`;
}

/** Our own daemon's word on a hosted server, which a restart would not change. */
function isAboutServer({ code, data }: RpcError): boolean {
  return code !== ERROR.draining && isObject(data) && typeof data["delivered"] === "boolean";
}

/** Closes the connection of what was found, if it has one. */
export function hangUp(found: { state: string; peer?: Peer }): void {
  found.peer?.close();
}
