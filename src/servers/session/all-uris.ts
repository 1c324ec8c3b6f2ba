import { invalidParams } from "../../mcp/refusals.js";
import { paramsOf, type RequestEnvelope } from "../../wire/envelope.js";
import { asObject } from "../../wire/message.js";
import type { ConfiguredServer } from "../configured-server.js";
import type { Port } from "../route/port.js";
import type { ListedItem } from "./all-lists.js";
import { boundedRequest, SERVER_WAIT_MS } from "./bounded-request.js";
import { refused, type Outcome } from "./outcome.js";

/** The requests that are for one resource. */
export const URI_METHODS: readonly string[] = ["resources/read", "resources/subscribe", "resources/unsubscribe"];

/** Which server has which resource, as far as one session has seen. */
export class AllUris {
  readonly #port: Port;
  readonly #servers: () => ReadonlyMap<string, ConfiguredServer>;
  readonly #serverByUri = new Map<string, string>();

  constructor(port: Port, servers: () => ReadonlyMap<string, ConfiguredServer>) {
    this.#port = port;
    this.#servers = servers;
  }

  /** Remembers the servers of listed resources. */
  learn(items: ListedItem[]): void {
    for (const { server, item } of items) {
      const { uri } = asObject(item);
      if (typeof uri === "string") this.#serverByUri.set(uri, server);
    }
  }

  /** Finds the server that a request is for by its URI: the server that listed it, or the first one that knows it. */
  async route(request: RequestEnvelope): Promise<Outcome> {
    const params = asObject(paramsOf(request));
    const uri = params["uri"] ?? asObject(params["ref"])["uri"];
    if (typeof uri !== "string") return refused(invalidParams("params.uri is missing."));
    const to = this.#servers().get(this.#serverByUri.get(uri) ?? "");
    if (to !== undefined) return { kind: "forwarded", to, edits: [] };
    return (
      (await this.#tryEach(request.method, params, uri)) ??
      refused({ code: RESOURCE_NOT_FOUND, message: `No server has the resource ${uri}.` })
    );
  }

  /** For a URI that is in no list: it may come from a template, for example. */
  async #tryEach(method: string, params: object, uri: string): Promise<Outcome | undefined> {
    for (const [name, server] of this.#servers()) {
      const router = server.routerFor(this.#port, "initialize");
      const hello = await router.ready(SERVER_WAIT_MS);
      if (hello?.capabilities["resources"] === undefined) continue;
      const answer = await boundedRequest(router, this.#port, method, params, SERVER_WAIT_MS);
      if (!answer.ok) continue;
      this.#serverByUri.set(uri, name);
      return { kind: "answered", result: answer.result };
    }
    return undefined;
  }
}

/** MCP's own error code. */
const RESOURCE_NOT_FOUND = -32002;
