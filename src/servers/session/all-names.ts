import type { ListMethod } from "../../mcp/lists.js";
import { invalidParams, type Refusal } from "../../mcp/refusals.js";
import { nestedSpan } from "../../mcp/span.js";
import { mayHaveHash, nameWithHash, nameWithServer, splitName } from "../../mcp/tool-name.js";
import { parseSpan, type RequestEnvelope } from "../../wire/envelope.js";
import type { Span } from "../../wire/json-scan.js";
import type { ConfiguredServer } from "../configured-server.js";
import type { AllLists, ListedItem } from "./all-lists.js";
import { refused, type Outcome } from "./outcome.js";

/** How a request names the tool or prompt that it is for. */
export interface NamedMethod {
  /** Where the name stands in the params. */
  path: string[];
  /** The list with all such names. */
  list: ListMethod;
}

/** The requests that are for a tool or prompt. A completion may be for a resource instead. */
export const NAMED_METHODS: Readonly<Record<string, NamedMethod>> = {
  "tools/call": { path: ["name"], list: "tools/list" },
  "prompts/get": { path: ["name"], list: "prompts/list" },
  "completion/complete": { path: ["ref", "name"], list: "prompts/list" },
};

/** Where the name stands in the request; undefined without one. */
export function nameSpan({ raw, params }: RequestEnvelope, { path }: NamedMethod): Span | undefined {
  return nestedSpan(raw, params, path);
}

/** A server's tool or prompt, by the name that the server knows. */
interface Target {
  server: string;
  name: string;
}

/** The tools and prompts of all servers by the names that one client sees. */
export class AllNames {
  readonly #servers: () => ReadonlyMap<string, ConfiguredServer>;
  readonly #lists: AllLists;
  readonly #seen = new Map<ListMethod, Map<string, Target>>();

  constructor(servers: () => ReadonlyMap<string, ConfiguredServer>, lists: AllLists) {
    this.#servers = servers;
    this.#lists = lists;
  }

  /** The items of a list as the client sees them, as JSON text: each name with its server's, in their order. */
  joined(list: ListMethod, items: ListedItem[]): string[] {
    const seen = this.#seenIn(list);
    const named = items.map(({ server, item }) => {
      const name = item.member("name");
      if (typeof name !== "string") return { name: "", text: item.text };
      const usual = nameWithServer(server, name);
      const taken = seen.get(usual);
      const isTaken = taken !== undefined && (taken.server !== server || taken.name !== name);
      const exposed = isTaken ? nameWithHash(server, name) : usual;
      seen.set(exposed, { server, name });
      return { name: exposed, text: item.textWith("name", exposed) };
    });
    return named.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)).map(({ text }) => text);
  }

  /** Finds the server that a request is for by the name at `span`, and replaces it by the name that the server knows. */
  route(request: RequestEnvelope, span: Span | undefined, { path, list }: NamedMethod): Outcome | Promise<Outcome> {
    const name = parseSpan(request.raw, span);
    if (span === undefined || typeof name !== "string") {
      return refused(invalidParams(`params.${path.join(".")} is missing.`));
    }
    const target = this.#find(name, list);
    if (target !== undefined) return this.#forward(target, span, name, list);
    return this.#lookUp(name, list).then((found) =>
      "code" in found ? refused(found) : this.#forward(found, span, name, list),
    );
  }

  #forward(target: Target, span: Span, name: string, list: ListMethod): Outcome {
    const to = this.#servers().get(target.server);
    if (to === undefined) return refused(unknownName(name, list)); // Removed meanwhile.
    return { kind: "forwarded", to, edits: [{ span, text: JSON.stringify(target.name) }] };
  }

  /** Without reading lists: a name that was listed, or that says what it is for. */
  #find(name: string, list: ListMethod): Target | undefined {
    const seen = this.#seenIn(list).get(name);
    if (seen !== undefined && this.#servers().has(seen.server)) return seen;
    const divided = mayHaveHash(name) ? undefined : splitName(name, this.#servers().keys());
    return divided && nameWithServer(divided.server, divided.name) === name ? divided : undefined;
  }

  /** A name without its server is enough as long as only one server has it, and a long one need not be cut. */
  async #lookUp(name: string, list: ListMethod): Promise<Target | Refusal> {
    const items = await this.#lists.read(list);
    this.joined(list, items);
    const target = this.#find(name, list) ?? splitName(name, this.#servers().keys());
    if (target !== undefined) return target;
    const having = new Set(items.filter(({ item }) => item.member("name") === name).map(({ server }) => server));
    const [server] = having;
    if (server === undefined) return unknownName(name, list);
    if (having.size === 1) return { server, name };
    const candidates = [...having].map((candidate) => nameWithServer(candidate, name));
    return invalidParams(`"${name}" is ambiguous. Use one of: ${candidates.join(", ")}.`);
  }

  #seenIn(list: ListMethod): Map<string, Target> {
    let seen = this.#seen.get(list);
    if (seen === undefined) this.#seen.set(list, (seen = new Map<string, Target>()));
    return seen;
  }
}

function unknownName(name: string, list: ListMethod): Refusal {
  const form = nameWithServer("SERVER", "NAME");
  return invalidParams(`No server has "${name}". Names have the form ${form}, as in the answer to ${list}.`);
}
