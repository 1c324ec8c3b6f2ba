import type { ListMethod } from "../../mcp/lists.js";
import { invalidParams, type Refusal } from "../../mcp/refusals.js";
import { nestedSpan } from "../../mcp/span.js";
import { nameWithServer, splitName } from "../../mcp/tool-name.js";
import { parseSpan, type RequestEnvelope } from "../../wire/envelope.js";
import type { Span } from "../../wire/json-scan.js";
import { asObject } from "../../wire/message.js";
import type { ConfiguredServer } from "../configured-server.js";
import type { AllLists } from "./all-lists.js";
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

/** Finds the server that a request is for by the name at `span`, and replaces it by the name that the server knows. */
export async function routeByName(
  request: RequestEnvelope,
  span: Span | undefined,
  { path, list }: NamedMethod,
  servers: ReadonlyMap<string, ConfiguredServer>,
  lists: AllLists,
): Promise<Outcome> {
  const name = parseSpan(request.raw, span);
  if (span === undefined || typeof name !== "string") {
    return refused(invalidParams(`params.${path.join(".")} is missing.`));
  }
  const target = splitName(name, servers.keys()) ?? (await findPlainName(name, list, lists));
  if ("code" in target) return refused(target);
  const to = servers.get(target.server);
  if (to === undefined) return refused(unknownName(name, list)); // Removed meanwhile.
  return { kind: "forwarded", to, edits: [{ span, text: JSON.stringify(target.name) }] };
}

/** A name without its server is enough as long as only one server has it. */
async function findPlainName(
  name: string,
  list: ListMethod,
  lists: AllLists,
): Promise<{ server: string; name: string } | Refusal> {
  const items = await lists.read(list);
  const having = new Set(items.filter(({ item }) => asObject(item)["name"] === name).map(({ server }) => server));
  const [server] = having;
  if (server === undefined) return unknownName(name, list);
  if (having.size === 1) return { server, name };
  const candidates = [...having].map((candidate) => nameWithServer(candidate, name));
  return invalidParams(`"${name}" is ambiguous. Use one of: ${candidates.join(", ")}.`);
}

function unknownName(name: string, list: ListMethod): Refusal {
  const form = nameWithServer("SERVER", "NAME");
  return invalidParams(`No server has "${name}". Names have the form ${form}, as in the answer to ${list}.`);
}
