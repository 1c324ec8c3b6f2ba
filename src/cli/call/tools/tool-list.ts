import { RpcError } from "../../../wire/rpc-error.js";
import { asObject } from "../../../wire/message.js";
import type { Peer, RequestOptions } from "../../../wire/peer.js";
import { readPages, type Page } from "../../../mcp/pages.js";
import { elementTexts, memberText } from "../../../text/json-text.js";
import { parseJson } from "../plain-call.js";
import { readTools, type Tool } from "./tool.js";

/** A tool, and the JSON text in which the server sent it. */
export interface ListedTool extends Tool {
  raw: string;
}

/** All tools of a session's server, page by page. Rejects like `Peer.request`. */
export async function listTools(peer: Peer, options: RequestOptions = {}): Promise<ListedTool[]> {
  const ask = async (params: { cursor?: string }): Promise<Page<ListedTool> | undefined> => {
    try {
      return readPage(await peer.requestText("tools/list", params, options));
    } catch (error) {
      // Before it was a cursor, servers marked the last page with an empty string.
      if (params.cursor === "" && error instanceof RpcError) return undefined;
      throw error;
    }
  };
  return (await readPages("tools/list", ask, ({ name }) => name)) ?? [];
}

function readPage(answer: string): Page<ListedTool> {
  const { nextCursor } = asObject(parseJson(answer));
  const texts = elementTexts(memberText(answer, "tools") ?? "[]");
  const items = texts.flatMap((raw) => readTools([parseJson(raw)]).map((tool) => ({ ...tool, raw })));
  return { items, nextCursor };
}
