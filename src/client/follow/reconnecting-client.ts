import type { Identity } from "../../version/identity.js";
import { MessageTooLongError } from "../../wire/frames.js";
import { NOTIFICATION } from "../../wire/control.js";
import type { ClientIdentity } from "../../wire/handshake.js";
import type { Peer, RequestOptions } from "../../wire/peer.js";
import { RpcError } from "../../wire/rpc-error.js";
import { ensureDaemon } from "../ensure.js";
import type { Progress } from "../progress.js";
import { FRESH, type Ensured, type EnsureOptions } from "../ensure-options.js";
import type { DaemonSpec, WatchedDaemon } from "../spec/daemon-spec.js";
import { askingForHeartbeats, passiveConnector, watchingConnector, type Connector } from "./connector.js";
import { asOutcomeUnknown, wasNeverDelivered } from "./delivery.js";
import { isHeartbeat } from "./heartbeats.js";
import { ReconnectingLink, type ConnectionEvents, type LinkState } from "./reconnecting-link.js";
import { Redelivery } from "./redelivery.js";
import { RequestBound } from "./request-bound.js";
import { Subscriptions } from "./subscriptions.js";

/** What a program that stays connected hears of it. */
export interface ReconnectingHandlers {
  onState?: (state: LinkState) => void;
  /**
   * Gets every notification of the daemon and of the hosted server, heartbeats included. An exception ends the
   * connection, and the client reconnects.
   */
  onNotification?: (method: string, params: unknown) => unknown;
  /** Answers the server's own requests (sampling, elicitation, roots). */
  onRequest?: (method: string, params: unknown) => unknown;
}

export interface ReconnectingOptions extends ReconnectingHandlers {
  client: ClientIdentity;
  /** What the first connect, an act of the user's, may do. Default: start a daemon, and restart it on drift. */
  first?: Partial<
    Pick<EnsureOptions, "intent" | "mayStart" | "mayReplaceUnresponsive" | "force" | "restart" | "signal">
  >;
  report?: (progress: Progress) => void;
}

const METHOD_NOT_FOUND = -32601;

/**
 * Connects for a long time. The first connect is an act of the user's: it may start or restart the daemon, and rejects
 * like `ensureDaemon`. Every later one is passive and never replaces a daemon. Requests and subscriptions go on across
 * restarts. The daemon is asked for heartbeats. If it sends them, and then nothing for 30 s while a request is open, that
 * request ends with OutcomeUnknownError; from a daemon without heartbeats an answer may take any time.
 *
 * @example
 * ```ts
 * const client = await connectReconnecting(spec, {
 *   client: { clientInfo, hello: { role: "library", pid: process.pid } },
 *   onState: ({ state }) => console.error(`notesd is ${state}`),
 * });
 * await client.request("tools/call", { name: "note", arguments: { text: "hello" } }, { timeoutMs: 5_000 });
 * client.close();
 * ```
 */
export async function connectReconnecting(spec: DaemonSpec, options: ReconnectingOptions): Promise<ReconnectingClient> {
  const { client, report = () => undefined } = options;
  const first = await ensureDaemon(spec, { ...FRESH, ...options.first, client: askingForHeartbeats(client), report });
  return new ReconnectingClient(passiveConnector(spec, client, { mayStart: true, report }), options, first);
}

/**
 * Follows whatever daemon runs or comes up, passively from the beginning: for programs that watch a daemon and start
 * one by other means, if at all. Never throws; a request while no daemon runs rejects with LifecycleError.
 *
 * @example
 * ```ts
 * const watcher = followDaemon(spec, {
 *   client: { clientInfo, hello: { role: "library", pid: process.pid } },
 *   onState: (link) => console.log(link.state === "connected" ? link.identity.version : link.state),
 * });
 * ```
 */
export function followDaemon(spec: DaemonSpec, options: Omit<ReconnectingOptions, "first">): ReconnectingClient {
  const { client, report = () => undefined } = options;
  return new ReconnectingClient(passiveConnector(spec, client, { mayStart: false, report }), options, undefined);
}

/**
 * Watches another tool's daemon, of which nothing but its directory need be known: connects to whatever answers there,
 * of whatever version, and reports what stands in the way. Never throws; a request while no daemon runs rejects with
 * LifecycleError.
 */
export function watchDaemon(
  daemon: WatchedDaemon,
  options: ReconnectingHandlers & { client: ClientIdentity },
): ReconnectingClient {
  return new ReconnectingClient(watchingConnector(daemon, options.client), options, undefined);
}

/** Requests over a link that reconnects: each is delivered at most once, and subscriptions outlive a connection. */
export class ReconnectingClient {
  readonly #link: ReconnectingLink;
  readonly #subscriptions = new Subscriptions();
  #handlers: ReconnectingHandlers;
  #closed = false;

  constructor(connector: Connector, handlers: ReconnectingHandlers, first: Ensured | undefined) {
    this.#handlers = handlers;
    this.#link = new ReconnectingLink(connector, first, {
      attach: ({ peer }, events) => this.#attach(peer, events),
      onState: (state) => this.#handlers.onState?.(state),
    });
  }

  /** Replaces all handlers, those of the options included. */
  setHandlers(handlers: ReconnectingHandlers): void {
    this.#handlers = handlers;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** The handshake with the daemon on the other end, after a reconnect where necessary. Rejects like `request`. */
  async handshake(): Promise<Pick<Ensured, "client" | "initialized">> {
    return this.#link.connected();
  }

  /** The daemon on the other end; undefined while none is connected. */
  get identity(): Identity | undefined {
    return this.#link.current?.identity;
  }

  /**
   * Sends a request, after a reconnect where necessary, which may start a daemon. A request that was never delivered is
   * sent again, to the next daemon. `timeoutMs` and `signal` bound all of it. Rejects with RpcError,
   * OutcomeUnknownError, RequestTimeoutError, MessageTooLongError, the signal's reason, or the errors of `ensureDaemon`.
   */
  async request(method: string, params: object = {}, options: RequestOptions = {}): Promise<unknown> {
    using bound = new RequestBound(method, options);
    using redelivery = new Redelivery();
    const { signal } = bound;
    for (;;) {
      const connection = await this.#link.connected(signal);
      try {
        bound.isSent = true;
        const result = await this.#link.whileHeard(connection, () =>
          connection.peer.request(method, params, {
            ...(options.onProgress && { onProgress: options.onProgress }),
            ...(signal && { signal }),
          }),
        );
        this.#subscriptions.note(method, params);
        return result;
      } catch (error) {
        if (!wasNeverDelivered(error) || error instanceof MessageTooLongError) throw asOutcomeUnknown(error, method);
        bound.isSent = false;
        this.#link.giveUp(connection);
        if (!(await redelivery.isWorthwhile(error, connection.identity, signal))) throw error;
      }
    }
  }

  /** Sends a notification if connected: a notification is not worth a reconnect. */
  notify(method: string, params: object = {}): void {
    this.#link.current?.peer.notify(method, params);
  }

  /**
   * Goes on with a connection that `ensureDaemon` has made, in place of its own: at once, instead of finding the daemon by
   * itself a little later. Ask for heartbeats on it.
   */
  adopt(connection: Ensured): void {
    this.#link.adopt(connection);
  }

  /** Looks for the daemon at once, where it would only do so after a pause; what there is gets reported again. */
  lookAgain(): void {
    this.#link.lookAgain();
  }

  close(): void {
    this.#closed = true;
    this.#link.close();
  }

  #attach(peer: Peer, events: ConnectionEvents): void {
    const { onActivity, onHeartbeat, onClose, onDraining } = events;
    peer.setHandlers({
      onActivity,
      onHeartbeat,
      onClose,
      onNotification: (method, params) => {
        if (method === NOTIFICATION.draining) onDraining(params);
        if (isHeartbeat(method, params)) onHeartbeat();
        return this.#handlers.onNotification?.(method, params);
      },
      onRequest: (method, params) => {
        if (this.#handlers.onRequest) return this.#handlers.onRequest(method, params);
        throw new RpcError(METHOD_NOT_FOUND, `Method not found: ${method}`);
      },
    });
    peer.notify("notifications/initialized");
    this.#subscriptions.repeat(peer);
  }
}
