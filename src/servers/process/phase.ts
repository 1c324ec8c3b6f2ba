import type { Channel } from "../channel/channel.js";
import type { Handshake } from "./handshake.js";

/**
 * The state of a hosted server's process, with the facts of each. Times are of `performance.now()`, which stands still
 * while a laptop sleeps.
 */
export type ServerPhase = Stopped | Starting | Ready | Stopping | Backoff;

export interface Stopped {
  state: "stopped";
}

export interface Starting {
  state: "starting";
  since: number;
  /** Undefined until it is spawned or connected. */
  channel: Channel | undefined;
  /** Undefined for the era without `initialize`. */
  handshake: Handshake | undefined;
  /** Settles when it is known whether there is something to stop; never rejects. */
  opened: Promise<Channel | undefined>;
}

export interface Ready {
  state: "ready";
  since: number;
  channel: Channel;
}

export interface Stopping {
  state: "stopping";
  done: Promise<void>;
  /** It was requested again before it had ended. */
  thenStart: boolean;
}

export interface Backoff {
  state: "backoff";
  why: string;
  until: number;
  /** Starts it again without a request. */
  timer: NodeJS.Timeout | undefined;
}

/** Whether a request can be sent now. "wait": it is starting, and `onReady` or `onDown` follows. */
export type Demand = { now: "ready" } | { now: "wait" } | { now: "refused"; why: string };
