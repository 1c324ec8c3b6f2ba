import { uriOf } from "../../mcp/params.js";
import type { Envelope } from "../../wire/envelope.js";
import type { Port } from "./port.js";

/** Which sessions subscribed to which resources of one server: one client's unsubscribing must not be another's. */
export class ResourceSubscriptions {
  readonly #ports = new Map<string, Set<Port>>();

  get uris(): string[] {
    return [...this.#ports.keys()];
  }

  subscribe(port: Port, uri: string): void {
    const ports = this.#ports.get(uri);
    if (ports === undefined) this.#ports.set(uri, new Set([port]));
    else ports.add(port);
  }

  /** True when nobody is subscribed any more, so that the server should know. */
  unsubscribe(port: Port, uri: string): boolean {
    const ports = this.#ports.get(uri);
    if (ports === undefined) return true;
    ports.delete(port);
    if (ports.size > 0) return false;
    this.#ports.delete(uri);
    return true;
  }

  /** A session is over; gives back the resources that nobody is subscribed to any more. */
  dropPort(port: Port): string[] {
    return this.uris.filter((uri) => this.#ports.get(uri)?.has(port) === true && this.unsubscribe(port, uri));
  }

  /** Who is to hear of a change; undefined when nobody subscribed to just this one, and all should. */
  listenersTo(notification: Envelope): ReadonlySet<Port> | undefined {
    const uri = uriOf(notification);
    return uri === undefined ? undefined : this.#ports.get(uri);
  }
}
