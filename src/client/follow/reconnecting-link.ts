import { setTimeout as delay } from "node:timers/promises";

import { durationText } from "../../text/duration.js";
import type { Identity } from "../../version/identity.js";
import { afterAwake, type AwakeTimer } from "../../wire/awake.js";
import { NOTIFICATION } from "../../wire/control.js";
import type { ClientIdentity } from "../../wire/handshake.js";
import type { Peer } from "../../wire/peer.js";
import { ensureDaemon } from "../ensure.js";
import { LifecycleError, RefusedError, UnresponsiveError } from "../lifecycle-errors.js";
import type { Progress } from "../progress.js";
import type { Ensured } from "../ensure-options.js";
import type { DaemonSpec } from "../spec/daemon-spec.js";
import { msUntilGone } from "./draining.js";
import { STALL_MS } from "./stall.js";

/** How a program that stays connected stands to the daemon. */
export type LinkState =
  | { state: "connected"; identity: Identity; did: Ensured["did"] }
  /** The connection ended. The link waits for another program to start or restart the daemon. */
  | { state: "reconnecting"; reason: string }
  /** The daemon that runs cannot be used, or does not answer. It is tried again automatically. */
  | { state: "refused"; error: Error }
  | { state: "closed" };

export interface LinkOptions {
  client: ClientIdentity;
  /** May `connected` start a daemon when none runs? */
  mayStart: boolean;
  report: (progress: Progress) => void;
  /** A connection was made and `notifications/initialized` was sent; comes before `onState` reports it. */
  onConnected: (peer: Peer) => void;
  onState: (state: LinkState) => void;
  onNotification?: (method: string, params: unknown) => void;
  onRequest?: (method: string, params: unknown) => unknown;
}

/** Pauses between passive attempts that failed, ms. */
const RETRY_MS = [250, 500, 1_000, 2_000, 5_000] as const;

/**
 * The connection of a program that stays for days, across all daemons that come and go. It connects passively: it
 * follows whatever daemon comes up and never restarts one, since such a program is just the old client that would
 * start a war of restarts. `first` is a connection that was made already.
 */
export class ReconnectingLink {
  readonly #spec: DaemonSpec;
  readonly #options: LinkOptions;
  readonly #closing = new AbortController();
  #connection: Ensured | undefined;
  /** Resolves when the daemon that announced its end has hung up. */
  #ending: Promise<void> | undefined;
  #following: Promise<void> | undefined;
  /** How many callers wait for an answer, and the timer that runs meanwhile. */
  #waiting = 0;
  #stall: AwakeTimer | undefined;

  constructor(spec: DaemonSpec, first: Ensured | undefined, options: LinkOptions) {
    this.#spec = spec;
    this.#options = options;
    if (first) this.#adopt(first);
    else this.#follow();
  }

  /** The connection as it is now; undefined while there is none. */
  get current(): Ensured | undefined {
    return this.#connection;
  }

  /**
   * A connection that takes requests: the current one, or the next daemon's. Rejects with LifecycleError where none
   * runs and none may be started, and with the errors of `ensureDaemon`.
   */
  async connected(): Promise<Ensured> {
    // A draining daemon answers what it has. What is sent after its announcement may reach it when it no longer reads.
    await this.#ending;
    this.#closing.signal.throwIfAborted();
    if (this.#connection) return this.#connection;
    if (!this.#options.mayStart) throw new LifecycleError(`no daemon runs in ${this.#spec.paths.dir}`);
    const connection = await this.#connect({ mayStart: true });
    // The passive reconnect may have been faster; one connection is enough.
    if (this.#connection) {
      connection.peer.close();
      return this.#connection;
    }
    this.#adopt(connection);
    return connection;
  }

  /** Gives up a connection that refuses requests. A daemon that announced its end is left to hang up itself. */
  giveUp(connection: Ensured): void {
    if (!this.#ending) this.#drop(connection);
  }

  /** Ends the connection when the daemon sends nothing for STALL_MS while `wait` runs. In between it may be silent. */
  async whileHeard<T>(wait: () => Promise<T>): Promise<T> {
    if (this.#waiting++ === 0) this.#stall = afterAwake(STALL_MS, () => this.#onStall());
    try {
      return await wait();
    } finally {
      if (--this.#waiting === 0) this.#stall?.stop();
    }
  }

  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new Error("the client was closed"));
    this.#stall?.stop();
    this.#connection?.peer.close();
    this.#connection = undefined;
    this.#options.onState({ state: "closed" });
  }

  #adopt(connection: Ensured): void {
    const { onNotification, onRequest, onConnected, onState } = this.#options;
    this.#connection = connection;
    this.#ending = undefined;
    let hungUp = (): void => undefined;
    connection.peer.setHandlers({
      onNotification: (method, params) => {
        if (method === NOTIFICATION.draining) {
          this.#ending ??= new Promise((resolve) => (hungUp = resolve));
          const bound = afterAwake(msUntilGone(params), () => this.#drop(connection, "the daemon did not end in time"));
          void this.#ending.then(() => bound.stop());
        }
        onNotification?.(method, params);
      },
      ...(onRequest && { onRequest }),
      onActivity: () => this.#stall?.restart(),
      onClose: (error) => {
        this.#drop(connection, error?.message);
        hungUp();
      },
    });
    connection.peer.notify("notifications/initialized");
    onConnected(connection.peer);
    onState({ state: "connected", identity: connection.identity, did: connection.did });
  }

  #drop(connection: Ensured, reason = "the daemon hung up"): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    connection.peer.close();
    this.#options.onState({ state: "reconnecting", reason });
    this.#follow();
  }

  /** Follows whatever daemon comes up next, until one is connected or the link is closed. */
  #follow(): void {
    this.#following ??= this.#untilConnected().finally(() => {
      this.#following = undefined;
    });
  }

  async #untilConnected(): Promise<void> {
    for (let failures = 0; !this.#closing.signal.aborted && !this.#connection; failures++) {
      try {
        const connection = await this.#connect({ mayStart: false });
        if (this.#connection) connection.peer.close();
        else this.#adopt(connection);
        return;
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        if (error instanceof RefusedError || error instanceof UnresponsiveError) {
          this.#options.onState({ state: "refused", error });
        }
        const pause = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)];
        await delay(pause, undefined, { signal: this.#closing.signal, ref: false }).catch(() => undefined);
      }
    }
  }

  #connect({ mayStart }: { mayStart: boolean }): Promise<Ensured> {
    const { client, report } = this.#options;
    return ensureDaemon(this.#spec, {
      client,
      intent: "passive",
      mayStart,
      mayReplaceUnresponsive: false,
      force: false,
      report,
      signal: this.#closing.signal,
    });
  }

  #onStall(): void {
    const error = new UnresponsiveError(
      `the daemon has sent nothing for ${durationText(STALL_MS)} while a request was open`,
    );
    this.#connection?.peer.close(error);
  }
}
