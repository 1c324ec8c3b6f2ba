import type { Peer } from "../../wire/peer.js";

/** What a client asked of one connection that it needs on the next one too: its log level and its subscriptions. */
export class Subscriptions {
  /** The request that made each of them. */
  readonly #requests = new Map<string, { method: string; params: object }>();

  /** Notes a request that was answered, if it is one that lasts. */
  note(method: string, params: object): void {
    switch (method) {
      case "logging/setLevel":
        this.#requests.set(method, { method, params });
        break;
      case "resources/subscribe":
        this.#requests.set(uriOf(params), { method, params });
        break;
      case "resources/unsubscribe":
        this.#requests.delete(uriOf(params));
        break;
    }
  }

  /** Makes them all again; one that fails is left out, as the resource may be gone. */
  repeat(peer: Peer): void {
    for (const { method, params } of this.#requests.values()) {
      peer.request(method, params).catch(() => undefined);
    }
  }
}

function uriOf(params: object): string {
  return "uri" in params ? `uri:${String(params.uri)}` : "uri:";
}
