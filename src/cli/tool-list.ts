import type { Peer, RequestOptions } from "../wire/peer.js";
import { asSchema, type Schema } from "./json-schema.js";

export interface Tool {
  name: string;
  /** Undefined where the server gives none. */
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
    const answer = await peer.request("tools/list", cursor === undefined ? {} : { cursor }, options);
    const { tools: listed, nextCursor } = asSchema(answer);
    for (const tool of Array.isArray(listed) ? (listed as unknown[]) : []) tools.push(...readTool(tool));
    if (typeof nextCursor !== "string" || nextCursor === "") break;
    cursor = nextCursor;
  }
  return tools;
}

/** A server whose list never ends must not hold us for ever. */
const MAX_PAGES = 1_000;

/** None for what is no tool. */
function readTool(raw: unknown): Tool[] {
  const { name, title, description, inputSchema } = asSchema(raw);
  if (typeof name !== "string") return [];
  const said = [description, title].find((text): text is string => typeof text === "string" && text.trim() !== "");
  return [{ name, description: said, inputSchema: asSchema(inputSchema), raw }];
}
