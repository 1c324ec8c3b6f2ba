import { uriOf } from "../../mcp/params.js";
import type { Envelope } from "../../wire/envelope.js";
import type { Port } from "./port.js";

/**
 * The resource subscriptions that clients have at a configured server. They outlive the server's processes: each new one
 * is set up by `replay`.
 */
export class ClientState {
  readonly #subscribers: Map<string, Set<Port>>;
  /** The only client of a process; undefined when it serves all. */
  readonly #only: Port | undefined;

  constructor(all?: ClientState, only?: Port) {
    this.#subscribers = all === undefined ? new Map<string, Set<Port>>() : all.#subscribers;
    this.#only = only;
  }

  /** The part of this state that concerns a process with one client. */
  of(port: Port): ClientState {
    return new ClientState(this, port);
  }

  /** The resources that a client is subscribed to. */
  subscriptionsOf(port: Port): string[] {
    return [...this.#subscribers].filter(([, subscribers]) => subscribers.has(port)).map(([uri]) => uri);
  }

  get hasSubscriptions(): boolean {
    return this.#uris().length > 0;
  }

  /**
   * Counts a client's subscription, from its request on: a client that ends its own meanwhile must not end this one. False
   * when the client has it already.
   */
  subscribe(port: Port, uri: string): boolean {
    const subscribers = this.#subscribers.get(uri);
    if (subscribers?.has(port) === true) return false;
    if (subscribers === undefined) this.#subscribers.set(uri, new Set([port]));
    else subscribers.add(port);
    return true;
  }

  /** Ends a client's subscription. True when the server should hear of it: no other client of the process has it. */
  unsubscribe(port: Port, uri: string): boolean {
    const subscribers = this.#subscribers.get(uri);
    subscribers?.delete(port);
    if (subscribers?.size === 0) this.#subscribers.delete(uri);
    return this.#subscribersOf(uri) === undefined;
  }

  /** Forgets a client. Returns the resources to which no client of the process is subscribed any more. */
  drop(port: Port): string[] {
    return [...this.#subscribers]
      .filter(([uri, subscribers]) => subscribers.has(port) && this.unsubscribe(port, uri))
      .map(([uri]) => uri);
  }

  /** The clients to notify of a resource's change; undefined, and so all of them, when none subscribed to exactly this one. */
  listenersTo(notification: Envelope): ReadonlySet<Port> | undefined {
    const uri = uriOf(notification);
    return uri === undefined ? undefined : this.#subscribersOf(uri);
  }

  /** The requests that set up a new process as the one before it was. */
  replay(): { method: string; params: object }[] {
    return this.#uris().map((uri) => ({ method: "resources/subscribe", params: { uri } }));
  }

  #uris(): string[] {
    return [...this.#subscribers.keys()].filter((uri) => this.#subscribersOf(uri) !== undefined);
  }

  #subscribersOf(uri: string): ReadonlySet<Port> | undefined {
    const all = this.#subscribers.get(uri);
    if (this.#only === undefined) return all;
    return all?.has(this.#only) === true ? new Set([this.#only]) : undefined;
  }
}
