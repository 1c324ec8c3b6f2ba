import type { ServerExit } from "../../log/breadcrumbs.js";

/** A running hosted server as the router sees it: frames in, frames out, whatever carries them. */
export interface Channel {
  /** False: full, wait for `onDrain`. Never throws. */
  send(frame: string | Buffer): boolean;
  /** Calls back once, when there is room again or the channel has ended. */
  onDrain(callback: () => void): void;
  /** Stops and resumes the reading of frames. */
  pause(): void;
  resume(): void;
  /** The number of frames that `send` took, and of the last one that may have reached the server. */
  readonly framesSent: number;
  readonly framesLeft: number;
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

export interface ChannelHandlers {
  onFrame(raw: Buffer): void;
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
