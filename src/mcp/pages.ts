import { LISTS, type ListMethod } from "./lists.js";

/** One page of a list: its items, and the cursor of the next page as it came, which may be anything. */
export interface Page<T> {
  items: readonly T[];
  nextCursor: unknown;
}

/**
 * Reads a list page by page, and returns each item once: names, and URIs, are unique within a server. `ask` reads one
 * page (the first without a cursor), and resolves with undefined if it cannot be read, which ends the list. An empty
 * string is a cursor like any other. A cursor that comes again, or a page that brings nothing new, ends the list, since
 * there are servers whose cursor never advances. Undefined when not even the first page could be read.
 */
export async function readPages<T>(
  method: ListMethod,
  ask: (params: { cursor?: string }) => Promise<Page<T> | undefined>,
  member: (item: T, key: string) => unknown,
): Promise<T[] | undefined> {
  const items: T[] = [];
  const known = new Set<string>();
  const cursors = new Set<string>();
  let page = await ask({});
  if (page === undefined) return undefined;
  for (;;) {
    const fresh = page.items.filter((item) => {
      const name = member(item, LISTS[method].identifiedBy);
      return typeof name !== "string" || (!known.has(name) && known.add(name));
    });
    items.push(...fresh);
    const cursor = page.nextCursor;
    const isStuck = page.items.length > 0 && fresh.length === 0;
    if (typeof cursor !== "string" || cursors.has(cursor) || isStuck || cursors.size >= MOST_PAGES) return items;
    cursors.add(cursor);
    page = await ask({ cursor });
    if (page === undefined) return items;
  }
}

/** Bounds the work for a server whose list has no end. */
const MOST_PAGES = 1_000;
