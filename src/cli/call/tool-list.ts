import type { Peer, RequestOptions } from "../../wire/peer.js";
import { asSchema, type Schema } from "./json-schema.js";

export interface Tool {
  name: string;
  /** Undefined if the server gives no description. */
  description: string | undefined;
  inputSchema: Schema;
  /** As the server sent it. */
  raw: unknown;
}

/** All tools of a session's server, page by page. Rejects like `Peer.request`. */
export async function listTools(peer: Peer, options: RequestOptions = {}): Promise<Tool[]> {
  const tools: Tool[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = readToolPage(await peer.request("tools/list", cursor === undefined ? {} : { cursor }, options));
    tools.push(...answer.tools);
    if (answer.nextCursor === undefined) break;
    cursor = answer.nextCursor;
  }
  return tools;
}

/** One page of `tools/list`, with the cursor of the next. */
export function readToolPage(answer: unknown): { tools: Tool[]; nextCursor: string | undefined } {
  const { tools, nextCursor } = asSchema(answer);
  return {
    tools: Array.isArray(tools) ? (tools as unknown[]).flatMap(readTool) : [],
    nextCursor: typeof nextCursor === "string" && nextCursor !== "" ? nextCursor : undefined,
  };
}

/** Ends the listing of a server whose list never ends. */
const MAX_PAGES = 1_000;

/** Empty if `raw` is not a tool. */
function readTool(raw: unknown): Tool[] {
  const { name, title, description, inputSchema } = asSchema(raw);
  if (typeof name !== "string") return [];
  const text = [description, title].find((one): one is string => typeof one === "string" && one.trim() !== "");
  return [{ name, description: text, inputSchema: asSchema(inputSchema), raw }];
}
