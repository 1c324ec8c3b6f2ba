import { logLevelOf, uriOf } from "../mcp/params.js";
import { textAt } from "../mcp/span.js";
import type { RequestEnvelope } from "../wire/envelope.js";

/** What the host asked for that lasts, as each daemon has to be asked for it anew: its log level and its subscriptions. */
export class StandingRequests {
  /** What it concerns → the method and the params as JSON text. */
  readonly #asked = new Map<string, { method: string; params: string }>();

  /** Notes a request, when it is one that lasts. */
  note(request: RequestEnvelope): void {
    const { method } = request;
    switch (method) {
      case "logging/setLevel":
        if (logLevelOf(request) !== undefined) this.#keep(method, request);
        return;
      case "resources/subscribe":
        return this.#keep(`uri:${uriOf(request) ?? ""}`, request);
      case "resources/unsubscribe":
        this.#asked.delete(`uri:${uriOf(request) ?? ""}`);
        return;
    }
  }

  /** The requests by which the next daemon is asked for all of it; `params` is JSON text. */
  all(): Iterable<{ method: string; params: string }> {
    return this.#asked.values();
  }

  #keep(key: string, { method, raw, params }: RequestEnvelope): void {
    this.#asked.set(key, { method, params: params === undefined ? "{}" : textAt(raw, params) });
  }
}
