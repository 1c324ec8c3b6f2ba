import { setTimeout as delay } from "node:timers/promises";

import { exchange, isEventStream, textOf } from "./net/exchange.js";
import { describeError, ErrorStatus, isSessionGone } from "./failure.js";
import { readMessages, type Cursor } from "./messages.js";
import type { HttpLink } from "./transport.js";

export interface StandingStreamEvents {
  /** Of the session, for the request. */
  headers(): Record<string, string>;
  /** The server does not have this stream. */
  onUnsupported(): void;
}

/**
 * The stream on which a server sends what belongs to no request. It is opened again for as long as the channel lives,
 * since servers, proxies and networks end such streams.
 */
export class StandingStream {
  readonly #link: HttpLink;
  readonly #events: StandingStreamEvents;
  readonly #cursor: Cursor = { lastId: undefined, retryMs: undefined };
  #state: "new" | "running" | "unsupported" = "new";
  #wasOpen = false;
  /** Each problem is logged once. */
  #problem = "";

  constructor(link: HttpLink, events: StandingStreamEvents) {
    this.#link = link;
    this.#events = events;
  }

  get isUnsupported(): boolean {
    return this.#state === "unsupported";
  }

  start(): void {
    if (this.#state !== "new") return;
    this.#state = "running";
    void this.#run();
  }

  async #run(): Promise<void> {
    const { signal } = this.#link;
    let failures = 0;
    while (!signal.aborted && this.#state === "running") {
      const since = performance.now();
      let end: StreamEnd = "failed";
      try {
        end = (await this.#once()) ? "useful" : "useless";
      } catch (error) {
        end = this.#onFailure(error);
      }
      if (this.#state !== "running") return this.#events.onUnsupported();
      const isPlanned = end === "useless" && this.#cursor.retryMs !== undefined;
      failures = end === "useful" || isPlanned || performance.now() - since > STABLE_MS ? 0 : failures + 1;
      await delay(this.#waitMs(end, failures), undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** A server that was there and named a time is taken at its word. */
  #waitMs(end: StreamEnd, failures: number): number {
    const { retryMs } = this.#cursor;
    const backoffMs = Math.min(MAX_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
    if (retryMs === undefined) return backoffMs;
    if (end !== "failed") return Math.min(MAX_TIMER_MS, Math.max(retryMs, MIN_MS));
    return Math.min(MAX_TIMER_MS, Math.max(retryMs, backoffMs));
  }

  /** Opens the stream and reads it to its end. True: it carried messages. */
  async #once(): Promise<boolean> {
    const { network, endpoint, signal } = this.#link;
    const { lastId } = this.#cursor;
    const headers = {
      accept: "text/event-stream",
      ...this.#events.headers(),
      ...(lastId === undefined ? {} : { "last-event-id": lastId }),
    };
    const answer = await exchange(network, endpoint, { method: "GET", headers, signal });
    if (answer.status !== 200 || !isEventStream(answer)) {
      const text = await textOf(answer.body);
      throw new ErrorStatus({ ...answer, text });
    }
    this.#wasOpen = true;
    this.#problem = "";
    return readMessages(this.#link, answer.body, this.#cursor);
  }

  #onFailure(error: unknown): StreamEnd {
    const { endpoint, signal, log, onGone } = this.#link;
    if (signal.aborted) return "failed";
    if (error instanceof ErrorStatus) {
      const { status } = error.response;
      const mayPass = status >= 500 || [408, 409, 425, 429].includes(status);
      const isGone = this.#wasOpen && isSessionGone(error.response);
      if (isGone) onGone(error);
      else if (!mayPass || status === 501) this.#state = "unsupported";
      if (isGone || this.#state === "unsupported") return "failed";
    }
    const { reason } = describeError(error, endpoint.origin);
    if (reason !== this.#problem) log(`HTTP: the stream for notifications is opened again: the server ${reason}`);
    this.#problem = reason;
    return "failed";
  }
}

/** useful: it carried messages. useless: it was opened, and ended without one. */
type StreamEnd = "useful" | "useless" | "failed";

/** A stream that lived this long worked. */
const STABLE_MS = 10_000;
const FIRST_MS = 1_000;
const MIN_MS = 20;
const MAX_MS = 30_000;
const MAX_TIMER_MS = 2 ** 31 - 1;
