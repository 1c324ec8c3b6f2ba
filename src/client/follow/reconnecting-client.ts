import { setTimeout as delay } from "node:timers/promises";

import { afterAwake, type AwakeTimer } from "../../wire/awake.js";
import { NOTIFICATION, type Draining } from "../../wire/control.js";
import type { RequestOptions } from "../../wire/peer.js";
import type { Identity } from "../../version/identity.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import { asOutcomeUnknown, wasNeverDelivered } from "./delivery.js";
import { ensureDaemon } from "../ensure.js";
import { FRESH, type Ensured, type EnsureOptions } from "../restart/options.js";
import { LifecycleError, RefusedError, UnresponsiveError } from "../lifecycle-errors.js";
import type { ClientIdentity } from "../../wire/handshake.js";
import type { Progress } from "../progress.js";
import { STALL_MS } from "./stall.js";
import { durationText } from "../../text/duration.js";

/** How a lasting client stands to the daemon. */
export type Link =
  | { state: "connected"; identity: Identity; did: Ensured["did"] }
  /** The connection ended; somebody else's start or restart is waited for. */
  | { state: "reconnecting"; reason: string }
  /** The daemon that is there cannot be used, or does not answer. It is tried again by itself. */
  | { state: "refused"; error: Error }
  | { state: "closed" };

export interface LastingOptions {
  client: ClientIdentity;
  /** What the first connect, a fresh act, may do. Default: start, and restart on drift. */
  first?: Partial<
    Pick<EnsureOptions, "intent" | "mayStart" | "mayReplaceUnresponsive" | "force" | "restart" | "signal">
  >;
  onLink?: (link: Link) => void;
  /** Every notification of the daemon and of the hosted server, heartbeats included. */
  onNotification?: (method: string, params: unknown) => void;
  /** Answers the server's own requests (sampling, elicitation, roots). */
  onRequest?: (method: string, params: unknown) => unknown;
  report?: (progress: Progress) => void;
}

/** Between two passive attempts that failed, ms. */
const RETRY_MS = [250, 500, 1_000, 2_000, 5_000] as const;

/**
 * Connects for a long time. The first connect is the user's act, with the whole handshake. Every later one is passive:
 * it follows whatever daemon comes up and never restarts one, since a program that lives for days is just the old
 * client that would start a war of restarts.
 */
export async function connectLasting(spec: DaemonSpec, options: LastingOptions): Promise<LastingClient> {
  const first = await ensureDaemon(spec, {
    ...FRESH,
    ...options.first,
    client: options.client,
    report: options.report ?? (() => undefined),
  });
  return new LastingClient(spec, options, first);
}

/**
 * Follows whatever daemon there is or comes up, from the beginning: for those who watch, and start one only by an act
 * of its own. A request while there is no daemon is refused with LifecycleError.
 */
export function followDaemon(spec: DaemonSpec, options: Omit<LastingOptions, "first">): LastingClient {
  return new LastingClient(spec, options, undefined);
}

export class LastingClient {
  readonly #spec: DaemonSpec;
  readonly #options: LastingOptions;
  readonly #closing = new AbortController();
  /** The request by which each subscription was made, to be made again on every new connection. */
  readonly #subscriptions = new Map<string, { method: string; params: object }>();
  #connection: Ensured | undefined;
  #reconnect: Promise<void> | undefined;
  #pending = 0;
  #stall: AwakeTimer | undefined;

  /** Resolves when the daemon that said that it ends has hung up. */
  #ending: Promise<void> | undefined;

  readonly #mayStart: boolean;

  constructor(spec: DaemonSpec, options: LastingOptions, first: Ensured | undefined) {
    this.#spec = spec;
    this.#options = options;
    this.#mayStart = first !== undefined;
    if (first) this.#adopt(first);
    else this.#follow();
  }

  /** The daemon on the other end; undefined while there is none. */
  get identity(): Identity | undefined {
    return this.#connection?.identity;
  }

  /**
   * Sends a request, over a new connection if need be; starts a daemon when none runs, since a request is an act. What
   * was never delivered is sent once more. Rejects with RpcError, OutcomeUnknownError, or the lifecycle's errors.
   */
  async request(method: string, params: object = {}, options: RequestOptions = {}): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      const connection = await this.#connected();
      try {
        const result = await this.#counted(() => connection.peer.request(method, params, options));
        this.#remember(method, params);
        return result;
      } catch (error) {
        if (attempt > 1 || !wasNeverDelivered(error)) throw asOutcomeUnknown(error, method);
        // The daemon that refused is about to hang up; what comes after it gets the request. Until then it answers what
        // it has, if it said that it ends.
        if (!this.#ending) this.#drop(connection);
      }
    }
  }

  /** Sends a notification if there is a connection: notifications are not worth waiting for. */
  notify(method: string, params: object = {}): void {
    this.#connection?.peer.notify(method, params);
  }

  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new Error("the client was closed"));
    this.#stall?.stop();
    this.#connection?.peer.close();
    this.#connection = undefined;
    this.#options.onLink?.({ state: "closed" });
  }

  #adopt(connection: Ensured): void {
    this.#connection = connection;
    this.#ending = undefined;
    let gone = (): void => undefined;
    connection.peer.setHandlers({
      onNotification: (method, params) => {
        if (method === NOTIFICATION.draining) {
          this.#ending ??= new Promise((resolve) => (gone = resolve));
          const bound = afterAwake(untilGone(params), () => this.#drop(connection, "the daemon did not end in time"));
          void this.#ending.then(() => bound.stop());
        }
        this.#options.onNotification?.(method, params);
      },
      ...(this.#options.onRequest && { onRequest: this.#options.onRequest }),
      onActivity: () => this.#stall?.restart(),
      onClose: (error) => {
        this.#drop(connection, error?.message);
        gone();
      },
    });
    connection.peer.notify("notifications/initialized");
    for (const { method, params } of this.#subscriptions.values()) {
      connection.peer.request(method, params).catch(() => undefined);
    }
    this.#options.onLink?.({ state: "connected", identity: connection.identity, did: connection.did });
  }

  #drop(connection: Ensured, reason = "the daemon hung up"): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    connection.peer.close();
    this.#options.onLink?.({ state: "reconnecting", reason });
    this.#follow();
  }

  /** The connection, after a reconnect that may start a daemon. */
  async #connected(): Promise<Ensured> {
    // What it has it answers; but what comes after its word may reach it when it reads no more, and its fate is unknown.
    await this.#ending;
    this.#closing.signal.throwIfAborted();
    if (this.#connection) return this.#connection;
    if (!this.#mayStart) throw new LifecycleError(`no daemon runs in ${this.#spec.paths.dir}`);
    const connection = await this.#ensure({ mayStart: true });
    // The passive reconnect may have been faster; one connection is enough.
    if (this.#connection) {
      connection.peer.close();
      return this.#connection;
    }
    this.#adopt(connection);
    return connection;
  }

  /** Follows whatever daemon comes up next, until there is one or we are closed. */
  #follow(): void {
    this.#reconnect ??= this.#followOn().finally(() => {
      this.#reconnect = undefined;
    });
  }

  async #followOn(): Promise<void> {
    for (let failures = 0; !this.#closing.signal.aborted && !this.#connection; failures++) {
      try {
        const connection = await this.#ensure({ mayStart: false });
        if (this.#connection) connection.peer.close();
        else this.#adopt(connection);
        return;
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        if (error instanceof RefusedError || error instanceof UnresponsiveError) {
          this.#options.onLink?.({ state: "refused", error });
        }
        const pause = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 5_000;
        await delay(pause, undefined, { signal: this.#closing.signal, ref: false }).catch(() => undefined);
      }
    }
  }

  #ensure(may: { mayStart: boolean }): Promise<Ensured> {
    return ensureDaemon(this.#spec, {
      client: this.#options.client,
      intent: "passive",
      mayStart: may.mayStart,
      mayReplaceUnresponsive: false,
      force: false,
      report: this.#options.report ?? (() => undefined),
      signal: this.#closing.signal,
    });
  }

  /** While a request is open the daemon must be heard; in between it may be as silent as it likes. */
  async #counted<T>(request: () => Promise<T>): Promise<T> {
    if (this.#pending++ === 0) this.#stall = afterAwake(STALL_MS, () => this.#onStall());
    try {
      return await request();
    } finally {
      if (--this.#pending === 0) this.#stall?.stop();
    }
  }

  #onStall(): void {
    const error = new UnresponsiveError(
      `the daemon has sent nothing for ${durationText(STALL_MS)} while a request was open`,
    );
    this.#connection?.peer.close(error);
  }

  #remember(method: string, params: object): void {
    switch (method) {
      case "logging/setLevel":
        this.#subscriptions.set(method, { method, params });
        break;
      case "resources/subscribe":
        this.#subscriptions.set(uriOf(params), { method, params });
        break;
      case "resources/unsubscribe":
        this.#subscriptions.delete(uriOf(params));
        break;
    }
  }
}

/** How long a daemon that ends may still be there, ms: until its deadline, and as long again as it takes to end it. */
function untilGone(params: unknown): number {
  const { deadlineMs } = params as Partial<Draining>;
  const left = typeof deadlineMs === "number" ? deadlineMs - Date.now() : 0;
  return Math.min(Math.max(left, 0), LONGEST_DRAIN_MS) + AFTER_DRAIN_MS;
}

const AFTER_DRAIN_MS = 4_000;
/** Clocks differ, and so a deadline can lie anywhere. */
const LONGEST_DRAIN_MS = 600_000;

function uriOf(params: object): string {
  return "uri" in params ? `uri:${String(params.uri)}` : "uri:";
}
