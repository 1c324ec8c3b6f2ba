import type { ServerExit } from "../../log/breadcrumbs.js";

/** A running hosted server, over a pipe or HTTP: frames in, frames out. */
export interface Channel {
  send(frame: string | Buffer): SentFrame;
  /** Calls back once, when there is room again or the channel has ended. */
  onDrain(callback: () => void): void;
  /** Stops and resumes the reading of frames. */
  pause(): void;
  resume(): void;
  /** Null for a remote server. */
  readonly pid: number | null;
  /** Sets the protocol version that `initialize` agreed on; HTTP states it in every request. */
  agree(protocolVersion: string): void;
  /**
   * Ends it: closes its input, after `graceMs` sends SIGTERM, after as long again SIGKILL. Resolves when no process of it
   * is left. Idempotent.
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
  /** A line of its output; it may be anything. `within`: the request in whose response it came, which only HTTP tells. */
  onFrame(raw: Buffer, within?: SentFrame): void;
  /** A line that is too long to be kept was skipped. */
  onOverlong(line: OverlongLine): void;
  /** A request's frame has settled and no answer will come, though the channel goes on. `reason` as in ChannelEnd. */
  onFailed(frame: SentFrame, reason: string): void;
  /** A line for the log: a process's stderr, or a transport error. */
  onLogLine(line: string): void;
  /** Called once, but not after `stop`. */
  onEnd(end: ChannelEnd): void;
}

/** The first and the last bytes of a line of more than MAX_FRAME_BYTES. */
export interface OverlongLine {
  head: Buffer;
  tail: Buffer;
}

export interface ChannelEnd {
  /** Continues "the server …": `exited with code 1`. */
  reason: string;
  /** How the process ended; undefined for a remote server. */
  exit?: ServerExit;
  /** A remote server works, but has forgotten the session, which can be begun again at once. */
  forgotten?: true;
}

/** How long a server may take to exit after its stdin is closed, and again after SIGTERM, ms. */
export const GRACE_MS = 2_000;

/** Starts or connects to a server. Rejects with an Error whose message says why that failed. */
export type OpenChannel = (handlers: ChannelHandlers) => Promise<Channel>;
