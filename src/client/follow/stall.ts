import { afterAwake, type AwakeTimer } from "../../wire/awake.js";
import type { Peer } from "../../wire/peer.js";
import { UnresponsiveError } from "../lifecycle-errors.js";
import { durationText } from "../../text/duration.js";

/** A running call ends when no byte, not even a heartbeat, was received for this long, ms of awake time. */
export const STALL_MS = 30_000;
/** A daemon that beats rarely may miss this many heartbeats. */
const MISSED_BEATS = 3;

/**
 * Runs `call`, and ends its requests with UnresponsiveError when the daemon sends nothing for STALL_MS. The daemon must
 * have been asked for heartbeats. The clock starts after the handshake and counts awake time, so neither a slow restart
 * nor a slow tool nor a suspended process counts as a stall.
 */
export async function guardStall<T>(
  peer: Pick<Peer, "setHandlers" | "abandon">,
  handlers: Parameters<Peer["setHandlers"]>[0],
  call: () => Promise<T>,
): Promise<T> {
  const timer = afterAwake(STALL_MS, () => {
    peer.abandon(
      new UnresponsiveError(
        `the daemon has sent nothing for ${durationText(STALL_MS)}, not even a heartbeat, while a call was running; its outcome is unknown`,
      ),
    );
  });
  peer.setHandlers({
    ...handlers,
    onActivity: () => {
      timer.restart();
      handlers.onActivity?.();
    },
  });
  try {
    return await call();
  } finally {
    timer.stop();
  }
}

/**
 * The same for a connection that stays: it counts only while a request is open, and only if the daemon sends heartbeats,
 * since any other may well be silent for as long as its tool takes.
 */
export class StallClock {
  readonly #boundMs: number;
  readonly #onStall: (error: UnresponsiveError) => void;
  #beats: boolean;
  /** How many requests are open. */
  #open = 0;
  #timer: AwakeTimer | undefined;
  #onIdle: (() => void) | undefined;

  /** `heartbeatMs`: how often the daemon says that it beats; undefined if it doesn't. */
  constructor(heartbeatMs: number | undefined, onStall: (error: UnresponsiveError) => void) {
    this.#boundMs = Math.max(STALL_MS, MISSED_BEATS * (heartbeatMs ?? 0));
    this.#beats = heartbeatMs !== undefined;
    this.#onStall = onStall;
  }

  /** Runs `request`, which has an answer or another end when the returned promise settles. */
  async during<T>(request: () => Promise<T>): Promise<T> {
    this.#open++;
    this.#set();
    try {
      return await request();
    } finally {
      this.#open--;
      this.#set();
      if (this.#open === 0) this.#onIdle?.();
    }
  }

  /** Calls back when no request is open: at once, or after the last of them. */
  whenIdle(callback: () => void): void {
    if (this.#open === 0) callback();
    else this.#onIdle = callback;
  }

  /** A heartbeat was heard, so more of them can be expected. */
  beat(): void {
    this.#beats = true;
    this.#set();
  }

  /** Any bytes were received. */
  restart(): void {
    this.#timer?.restart();
  }

  #set(): void {
    const counts = this.#beats && this.#open > 0;
    if (counts && !this.#timer) this.#timer = afterAwake(this.#boundMs, () => this.#onStall(this.#error()));
    if (counts || !this.#timer) return;
    this.#timer.stop();
    this.#timer = undefined;
  }

  #error(): UnresponsiveError {
    return new UnresponsiveError(
      `the daemon has sent nothing for ${durationText(this.#boundMs)}, not even a heartbeat, while a request was open`,
    );
  }
}
