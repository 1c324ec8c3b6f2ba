import type { Peer, RequestOptions } from "../../wire/peer.js";
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
    const answer = readToolPage(await peer.request("tools/list", cursor === undefined ? {} : { cursor }, options));
    tools.push(...answer.tools);
    if (answer.nextCursor === undefined) break;
    cursor = answer.nextCursor;
  }
  return tools;
}

/** One answer to `tools/list`, with where it goes on. */
export function readToolPage(answer: unknown): { tools: Tool[]; nextCursor: string | undefined } {
  const { tools, nextCursor } = asSchema(answer);
  return {
    tools: Array.isArray(tools) ? (tools as unknown[]).flatMap(readTool) : [],
    nextCursor: typeof nextCursor === "string" && nextCursor !== "" ? nextCursor : undefined,
  };
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
