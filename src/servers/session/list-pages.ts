import { LISTS, type ListMethod } from "../../mcp/lists.js";
import { readPages, type Page } from "../../mcp/pages.js";
import { memberSpan } from "../../mcp/span.js";
import { parseSpan } from "../../wire/envelope.js";
import type { Span } from "../../wire/json-scan.js";
import type { ServerAnswer } from "../route/asker.js";
import type { Port } from "../route/port.js";
import type { Router } from "../route/to-server.js";
import { boundedRequest } from "./bounded-request.js";
import { ListItem } from "./list-item.js";

/**
 * Reads all pages of a list in the name of a session; each gets `boundMs`. `first`: the answer to the request for the first
 * page, if that was made already. Undefined when not even that can be read.
 */
export function readList(
  router: Router,
  port: Port,
  method: ListMethod,
  boundMs: number,
  first?: ServerAnswer,
): Promise<ListItem[] | undefined> {
  const ask = async (params: { cursor?: string }): Promise<Page<ListItem> | undefined> => {
    const isFirst = params.cursor === undefined && first !== undefined;
    const answer = isFirst ? first : await boundedRequest(router, port, method, params, boundMs);
    if (!answer.ok) return undefined;
    const { raw, result } = answer;
    const member = (key: string): Span | undefined => result && memberSpan(raw, result, key);
    return { items: ListItem.all(raw, member(LISTS[method].key)), nextCursor: parseSpan(raw, member("nextCursor")) };
  };
  return readPages(method, ask, (item, key) => item.member(key));
}

/** The JSON text of a result with these items on one page. */
export function listResultText(method: ListMethod, items: readonly ListItem[]): string {
  return `{"${LISTS[method].key}":[${items.map(({ text }) => text).join(",")}]}`;
}

/** `result`: the JSON text of a list's result. */
export function itemsIn(result: Buffer, method: ListMethod): ListItem[] {
  return ListItem.all(result, memberSpan(result, { start: 0, end: result.length }, LISTS[method].key));
}
