import type { ListMethod } from "../../mcp/lists.js";
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

/** Finds the server that a request is for by the name at `span`, and gives it the name that the server knows. */
export async function routeByName(
  request: RequestEnvelope,
  span: Span | undefined,
  { path, list }: NamedMethod,
  servers: ReadonlyMap<string, ConfiguredServer>,
  lists: AllLists,
): Promise<Outcome> {
  const fullName = parseSpan(request.raw, span);
  if (span === undefined || typeof fullName !== "string")
    return refused(-32602, `params.${path.join(".")} is missing.`);
  const forward = (server: string, name: string): Outcome | undefined => {
    const to = servers.get(server);
    return to && { kind: "forwarded", to, edits: [{ span, text: JSON.stringify(name) }] };
  };
  const split = splitName(fullName, servers.keys());
  return (
    (split && forward(split.server, split.name)) ??
    (await routePlainName(fullName, list, lists, (server) => forward(server, fullName)))
  );
}

/** A name without its server is enough as long as only one server has it. */
async function routePlainName(
  name: string,
  list: ListMethod,
  lists: AllLists,
  forwardTo: (server: string) => Outcome | undefined,
): Promise<Outcome> {
  const items = await lists.read(list);
  const having = new Set(items.filter(({ item }) => asObject(item)["name"] === name).map(({ server }) => server));
  if (having.size > 1) {
    const candidates = [...having].map((server) => nameWithServer(server, name));
    return refused(-32602, `"${name}" is ambiguous. Use one of: ${candidates.join(", ")}.`);
  }
  const [server] = having;
  const unknown = `No server has "${name}". Names have the form ${nameWithServer("SERVER", "NAME")}; ${list} gives them.`;
  return (server === undefined ? undefined : forwardTo(server)) ?? refused(-32602, unknown);
}
