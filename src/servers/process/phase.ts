import type { Channel } from "../channel/channel.js";

/** Where a hosted server's life stands, with the facts of that moment. Times are of `performance.now()`, which stands still while a laptop sleeps. */
export type ServerPhase = Stopped | Starting | Ready | Stopping | Backoff;

export interface Stopped {
  state: "stopped";
}

export interface Starting {
  state: "starting";
  since: number;
  /** Undefined until it is spawned or connected. */
  channel: Channel | undefined;
  /** Bounds the wait for the answer to `initialize`. */
  timer: NodeJS.Timeout | undefined;
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
  /** Somebody wants it again already. */
  thenStart: boolean;
}

export interface Backoff {
  state: "backoff";
  why: string;
  until: number;
  /** Starts it again without being asked. */
  timer: NodeJS.Timeout | undefined;
}

/** Can a request be sent now? "wait": a start is under way, and its success or failure will be reported. */
export type Demand = { now: "ready" } | { now: "wait" } | { now: "refused"; why: string };
