import { setTimeout as delay } from "node:timers/promises";

import type { Identity } from "../../version/identity.js";
import { afterAwake } from "../../wire/awake.js";
import { LifecycleError } from "../lifecycle-errors.js";
import type { Ensured } from "../ensure-options.js";
import type { Connector } from "./connector.js";
import { msUntilGone } from "./draining.js";
import { StallClock } from "./stall.js";
import { untilAborted } from "./until-aborted.js";

/** How a program that stays connected stands to the daemon. */
export type LinkState =
  | { state: "connected"; identity: Identity; did: Ensured["did"] }
  /** The connection ended. The link waits for another program to start or restart the daemon. */
  | { state: "reconnecting"; reason: string }
  /** No daemon runs and none is being started. Reported once for each absence; the link waits for a daemon. */
  | { state: "absent" }
  /**
   * The daemon that runs cannot be used (RefusedError) or does not answer (UnresponsiveError), or its socket cannot be
   * reached (any other error). It is tried again automatically.
   */
  | { state: "refused"; error: Error }
  | { state: "closed" };

export interface LinkOptions {
  /**
   * A connection was made, and `onState` will report it. The link's user sends `notifications/initialized`, reads what comes, and
   * tells the link what that needs to know.
   */
  attach: (connection: Ensured, events: ConnectionEvents) => void;
  onState: (state: LinkState) => void;
}

/** What a link needs to know of its connection, which it does not read itself. */
export interface ConnectionEvents {
  /** Any bytes were received. */
  onActivity: () => void;
  onHeartbeat: () => void;
  /** The daemon has announced its end; `params` are those of the notification. */
  onDraining: (params: unknown) => void;
  onClose: (error: Error | undefined) => void;
}

/** Pauses between passive attempts that failed, ms. */
const RETRY_MS = [250, 500, 1_000, 2_000, 5_000] as const;

/** The connection to one daemon, and how long that has been silent. */
interface Linked {
  connection: Ensured;
  stall: StallClock;
  /** Set once the daemon has announced its end; resolves when it has hung up. */
  ending?: Promise<void>;
}

/**
 * The connection of a program that stays for days, across all daemons that come and go. It connects passively: it
 * follows whatever daemon comes up and never restarts one, since such a program is just the old client that would
 * start a war of restarts. `first` is a connection that was made already.
 */
export class ReconnectingLink {
  readonly #connector: Connector;
  readonly #options: LinkOptions;
  readonly #closing = new AbortController();
  #linked: Linked | undefined;
  /** The reconnect that all requests share which find no connection. */
  #connecting: Promise<Ensured> | undefined;
  #following: Promise<void> | undefined;
  /** Ends the passive attempt that is under way. */
  #passive = new AbortController();
  #isAbsent = false;

  constructor(connector: Connector, first: Ensured | undefined, options: LinkOptions) {
    this.#connector = connector;
    this.#options = options;
    if (first) this.#adopt(first);
    else this.#follow();
  }

  /**
   * Takes over a connection that the program has made by other means, in place of the current one; closes it if that
   * leads to the same daemon, or after `close`.
   */
  adopt(connection: Ensured): void {
    const before = this.#linked;
    const isKept = before && !before.ending && isSameDaemon(before.connection.identity, connection.identity);
    if (isKept || this.#closing.signal.aborted) return connection.peer.close();
    this.#adopt(connection);
    before?.connection.peer.close();
  }

  /** Looks for a daemon at once, and reports what there is, even if that has not changed. */
  lookAgain(): void {
    this.#isAbsent = false;
    if (!this.#connecting) this.#passive.abort(new Error("the link looks again"));
  }

  /** The connection as it is now; undefined while there is none. */
  get current(): Ensured | undefined {
    return this.#linked?.connection;
  }

  /**
   * A connection that takes requests: the current one, or the next daemon's. Rejects with LifecycleError where none
   * runs and none may be started, with the errors of `ensureDaemon`, and with the reason of `signal`.
   */
  async connected(signal?: AbortSignal): Promise<Ensured> {
    signal?.throwIfAborted();
    // A draining daemon answers what it has. What is sent after its announcement would be refused.
    if (this.#linked?.ending) await untilAborted(this.#linked.ending, signal);
    this.#closing.signal.throwIfAborted();
    if (this.#linked) return this.#linked.connection;
    const { start, dir } = this.#connector;
    if (!start) throw new LifecycleError(`no daemon runs in ${dir}`);
    this.#connecting ??= this.#connectForRequests(start);
    return untilAborted(this.#connecting, signal);
  }

  /**
   * Gives up a connection that refuses requests; those that are open on it still get their answers. A daemon that
   * announced its end is left to hang up itself.
   */
  giveUp(connection: Ensured): void {
    const linked = this.#linked;
    if (!linked || linked.connection !== connection || linked.ending) return;
    this.#unlink("the daemon refuses requests");
    linked.stall.whenIdle(() => connection.peer.close());
  }

  /** Sends a request on `connection`, and ends that when a daemon that sends heartbeats is silent for too long. */
  whileHeard<T>(connection: Ensured, request: () => Promise<T>): Promise<T> {
    // A connection that was dropped meanwhile rejects the request itself.
    return this.#linked?.connection === connection ? this.#linked.stall.during(request) : request();
  }

  close(): void {
    if (this.#closing.signal.aborted) return;
    const reason = new Error("the client was closed");
    this.#closing.abort(reason);
    this.#passive.abort(reason);
    this.#linked?.connection.peer.close();
    this.#linked = undefined;
    this.#report({ state: "closed" });
  }

  #adopt(connection: Ensured): void {
    const { peer, identity, did } = connection;
    this.#passive.abort(new Error("another connection was made"));
    const stall = new StallClock(identity.heartbeatMs, (error) => peer.close(error));
    const linked: Linked = { connection, stall };
    this.#linked = linked;
    this.#isAbsent = false;
    let hungUp = (): void => undefined;
    this.#options.attach(connection, {
      onDraining: (params) => {
        linked.ending ??= new Promise((resolve) => (hungUp = resolve));
        const bound = afterAwake(msUntilGone(params), () => this.#drop(connection, "the daemon did not end in time"));
        void linked.ending.then(() => bound.stop());
      },
      onActivity: () => stall.restart(),
      onHeartbeat: () => stall.beat(),
      onClose: (error) => {
        this.#drop(connection, error?.message);
        hungUp();
      },
    });
    this.#report({ state: "connected", identity, did });
  }

  #drop(connection: Ensured, reason = "the daemon hung up"): void {
    connection.peer.close();
    if (this.#linked?.connection === connection) this.#unlink(reason);
  }

  #unlink(reason: string): void {
    this.#linked = undefined;
    this.#follow();
    this.#report({ state: "reconnecting", reason });
  }

  async #connectForRequests(start: NonNullable<Connector["start"]>): Promise<Ensured> {
    this.#passive.abort(new Error("a request connects, and may do more"));
    try {
      return this.#adoptIfNeeded(await start(this.#closing.signal));
    } finally {
      this.#connecting = undefined;
      this.#follow();
    }
  }

  /** Follows whatever daemon comes up next, until one is connected or the link is closed. */
  #follow(): void {
    if (this.#linked || this.#connecting || this.#closing.signal.aborted) return;
    this.#following ??= this.#untilConnected().finally(() => {
      this.#following = undefined;
      // A connection may have been made and lost again before this attempt had ended.
      this.#follow();
    });
  }

  async #untilConnected(): Promise<void> {
    this.#passive = new AbortController();
    const { signal } = this.#passive;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        this.#adoptIfNeeded(await this.#connector.follow(signal, () => this.#onAbsent()));
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (this.#connector.isReported(error)) {
          this.#isAbsent = false;
          this.#report({ state: "refused", error });
        }
        const pause = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)];
        await delay(pause, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }

  /** One connection is enough, and after `close` even that is one too many: then this throws its reason. */
  #adoptIfNeeded(connection: Ensured): Ensured {
    const isNeeded = !this.#linked && !this.#closing.signal.aborted;
    if (isNeeded) this.#adopt(connection);
    else connection.peer.close();
    this.#closing.signal.throwIfAborted();
    return this.#linked?.connection ?? connection;
  }

  #onAbsent(): void {
    if (this.#isAbsent) return;
    this.#isAbsent = true;
    this.#report({ state: "absent" });
  }

  /** An exception of the program's own callback is the program's to handle, and does not disturb the link. */
  #report(state: LinkState): void {
    try {
      this.#options.onState(state);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

function isSameDaemon(one: Identity, other: Identity): boolean {
  return one.pid !== undefined && one.pid === other.pid && one.startedAt === other.startedAt;
}
