import type { ServerExit } from "../../log/breadcrumbs.js";

/** A running hosted server as the router sees it: frames in, frames out, whatever carries them. */
export interface Channel {
  send(frame: string | Buffer): SentFrame;
  /** Calls back once, when there is room again or the channel has ended. */
  onDrain(callback: () => void): void;
  /** Stops and resumes the reading of frames. */
  pause(): void;
  resume(): void;
  /** Null when it is no process of ours. */
  readonly pid: number | null;
  /** The protocol version that `initialize` settled; HTTP says it in every request. */
  agree(protocolVersion: string): void;
  /**
   * Ends it: end of input, after `graceMs` a request to go, after as much again force. Resolves when nothing of it is
   * left. Idempotent.
   */
  stop(graceMs: number): Promise<void>;
}

/** A frame that was given to a channel. */
export interface SentFrame {
  readonly fate: Fate;
  /** False: the channel is full, or over; wait for `onDrain` before sending more. */
  readonly roomLeft: boolean;
}

/**
 * Where a frame is: "taken" into this process's buffers, or "left", so that the server may have it. If the channel ends,
 * or the request that the frame carries fails, it settles: "failed-before" is certain not to have reached the server and
 * can be sent again; with "unknown" it may have taken effect.
 */
export type Fate = "taken" | "left" | "failed-before" | "unknown";

export interface ChannelHandlers {
  onFrame(raw: Buffer): void;
  /** A request's frame has settled and no answer will come, though the channel goes on. `reason` as in ChannelEnd. */
  onFailed(frame: SentFrame, reason: string): void;
  /** A line for people: a process's stderr, or output that is no MCP. */
  onLogLine(line: string): void;
  /** Once, unless `stop` was asked for. */
  onEnd(end: ChannelEnd): void;
}

export interface ChannelEnd {
  /** Goes on from "the server …": `exited with code 1`. */
  reason: string;
  /** How the process ended, if it is one. */
  exit?: ServerExit;
}

/** How long a server may take to end after its stdin did, and again after SIGTERM, ms. */
export const GRACE_MS = 2_000;

/** Rejects with an Error whose message tells the user why the server cannot be started. */
export type OpenChannel = (handlers: ChannelHandlers) => Promise<Channel>;
