import type { Endpoint } from "./net/endpoint.js";
import type { Network } from "./net/network.js";
import type { Post } from "./post.js";
import type { Reading } from "./reading.js";

/** One of MCP's two ways over HTTP. */
export interface HttpTransport {
  /** The server may forget this conversation. */
  readonly hasSession: boolean;
  /** Carries one frame; resolves when nothing more is done about it, and rejects when a request gets no answer. */
  post(post: Post): Promise<void>;
  /** The version that `initialize` agreed on. */
  agree(protocolVersion: string): void;
  /** The server has accepted `notifications/initialized`. */
  listen(): void;
  /** Says goodbye, for at most `graceMs`. */
  end(graceMs: number): Promise<void>;
}

/** What a transport has from its channel. */
export interface HttpLink {
  readonly network: Network;
  readonly endpoint: Endpoint;
  /** Aborted at the channel's end. */
  readonly signal: AbortSignal;
  readonly reading: Reading;
  /** A message was received, `post`: in the response to that frame. */
  readonly deliver: (message: Buffer, post?: Post) => void;
  /** The frame is a request that still waits for its answer. */
  readonly isOpen: (post: Post) => boolean;
  /** The frame has or may have left. */
  readonly onLeaving: (post: Post) => void;
  readonly onSent: (post: Post) => void;
  /** A request will not be answered, though it was accepted. */
  readonly fail: (post: Post, error: Error) => void;
  readonly log: (line: string) => void;
  /** The server has forgotten the session. What is under way may still be answered. */
  readonly onGone: (error: Error) => void;
  /** Nothing comes any more. */
  readonly onEnded: (error: Error) => void;
}
