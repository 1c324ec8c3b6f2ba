import { LISTS, type ListMethod } from "../../mcp/lists.js";
import { invalidParams } from "../../mcp/refusals.js";
import { splitUri, uriWithServer } from "../../mcp/server-uri.js";
import { elementSpans, memberSpan, nestedSpan } from "../../mcp/span.js";
import { matchesTemplate } from "../../mcp/uri-template.js";
import { parseSpan, type RequestEnvelope } from "../../wire/envelope.js";
import type { Span } from "../../wire/json-scan.js";
import type { ConfiguredServer } from "../configured-server.js";
import type { Port } from "../route/port.js";
import type { AllLists, ListedItem } from "./all-lists.js";
import { boundedRequest } from "./bounded-request.js";
import { refused, type Outcome } from "./outcome.js";

/** The requests that are for one resource. */
export const URI_METHODS: readonly string[] = ["resources/read", "resources/subscribe", "resources/unsubscribe"];

/** The lists of what has a URI. */
const URI_LISTS = ["resources/list", "resources/templates/list"] as const;

/** A server's resource, by the URI that the server knows. */
interface Target {
  server: string;
  uri: string;
}

/** The resources of all servers, and their templates, by the URIs that one client sees. */
export class AllUris {
  readonly #port: Port;
  readonly #servers: () => ReadonlyMap<string, ConfiguredServer>;
  readonly #lists: AllLists;
  /** The server that has a URI or template; of several, the first that was seen, which keeps it. */
  readonly #owners = new Map<string, string>();
  readonly #templates = new Set<string>();
  /** What the client has called a resource, where that is not its URI in the lists; by its URI with the server's name. */
  readonly #used = new Map<string, string>();
  /** Requests for a URI follow one another while it is being looked for. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(port: Port, servers: () => ReadonlyMap<string, ConfiguredServer>, lists: AllLists) {
    this.#port = port;
    this.#servers = servers;
    this.#lists = lists;
  }

  /** The items of a list as the client sees them, as JSON text: what another server has under the same URI is told apart. */
  joined(list: ListMethod, items: ListedItem[]): string[] {
    const { identifiedBy } = LISTS[list];
    return items.map(({ server, item }) => {
      const uri = item.member(identifiedBy);
      if (typeof uri !== "string") return item.text;
      if (identifiedBy === "uriTemplate") this.#templates.add(uri);
      if (this.#ownerOf(uri) === undefined) this.#owners.set(uri, server);
      return item.textWith(identifiedBy, this.#listedAs(server, uri));
    });
  }

  /** The URI under which the client knows a server's resource: the one that it has used last, or else that of the lists. */
  seenAs(server: string, uri: string): string {
    return this.#used.get(uriWithServer(server, uri)) ?? this.#listedAs(server, uri);
  }

  #listedAs(server: string, uri: string): string {
    const owner = this.#ownerOf(uri);
    return owner === undefined || owner === server ? uri : uriWithServer(server, uri);
  }

  /** Finds the server that a request is for by its URI, or its template's. */
  route(request: RequestEnvelope): Outcome | Promise<Outcome> {
    const { raw, params, method } = request;
    const span = nestedSpan(raw, params, method === "completion/complete" ? ["ref", "uri"] : ["uri"]);
    const uri = parseSpan(raw, span);
    if (span === undefined || typeof uri !== "string") return refused(invalidParams("params.uri is missing."));
    const before = this.#turns.get(uri);
    const target = before === undefined ? this.#find(uri) : undefined;
    if (target !== undefined) return this.#forward(target, span, uri);
    const outcome = (async (): Promise<Outcome> => {
      await before;
      const found = this.#find(uri) ?? (await this.#lookUp(method, uri));
      return found === undefined ? refused(notFound(uri)) : this.#forward(found, span, uri);
    })();
    const turn = outcome.finally(() => {
      if (this.#turns.get(uri) === turn) this.#turns.delete(uri);
    });
    turn.catch(() => undefined);
    this.#turns.set(uri, turn);
    return outcome;
  }

  #forward({ server, uri: known }: Target, span: Span, uri: string): Outcome {
    const to = this.#servers().get(server);
    if (to === undefined) return refused(notFound(uri)); // Removed meanwhile.
    this.#noteUse(server, known, uri);
    return { kind: "forwarded", to, edits: known === uri ? [] : [{ span, text: JSON.stringify(known) }] };
  }

  #noteUse(server: string, known: string, uri: string): void {
    const key = uriWithServer(server, known);
    this.#used.delete(key);
    if (uri === this.#listedAs(server, known)) return;
    this.#used.set(key, uri);
    const [oldest] = this.#used.keys();
    if (this.#used.size > MAX_USED && oldest !== undefined) this.#used.delete(oldest);
  }

  /** Without asking servers: a URI that was listed or used before, or that says what it is for. */
  #find(uri: string): Target | undefined {
    const server = this.#ownerOf(uri);
    if (server !== undefined) return { server, uri };
    const divided = splitUri(uri);
    return divided && this.#servers().has(divided.server) ? divided : undefined;
  }

  #ownerOf(uri: string): string | undefined {
    const server = this.#owners.get(uri);
    return server !== undefined && this.#servers().has(server) ? server : undefined;
  }

  /** Reads all lists, then looks for a template that fits, then for the first server that can read it. */
  async #lookUp(method: string, uri: string): Promise<Target | undefined> {
    const lists = await Promise.all(URI_LISTS.map(async (list) => ({ list, items: await this.#lists.read(list) })));
    for (const { list, items } of lists) this.joined(list, items);
    const listed = this.#find(uri);
    if (listed !== undefined || method === "completion/complete") return listed;
    const template = [...this.#templates].find((known) => matchesTemplate(known, uri));
    const server = (template && this.#ownerOf(template)) ?? (await this.#firstReader(uri));
    if (server === undefined) return undefined;
    this.#owners.set(uri, server);
    return { server, uri };
  }

  /** Reading changes nothing, so all servers can be tried at once. */
  async #firstReader(uri: string): Promise<string | undefined> {
    const reads = [...this.#servers()].map(async ([name, server]): Promise<string> => {
      const router = server.routerFor(this.#port);
      const hello = await router.ready(READER_WAIT_MS);
      if (hello?.capabilities["resources"] === undefined || this.#port.closed) throw new Error("no resources");
      const answer = await boundedRequest(router, this.#port, "resources/read", { uri }, READER_WAIT_MS);
      const contents = answer.ok && answer.result && memberSpan(answer.raw, answer.result, "contents");
      if (!answer.ok || !contents || elementSpans(answer.raw, contents).length === 0) throw new Error("not here");
      return name;
    });
    return Promise.any(reads).catch(() => undefined);
  }
}

function notFound(uri: string): { code: number; message: string; data: Record<string, unknown> } {
  return { code: RESOURCE_NOT_FOUND, message: `No server has the resource ${uri}.`, data: { uri } };
}

/** MCP's own error code. */
const RESOURCE_NOT_FOUND = -32002;

/** The URIs that a client calls by other names than the lists do are few. */
const MAX_USED = 1_000;

/** How long a server may take to read a resource that may be another one's, ms. */
const READER_WAIT_MS = 10_000;
