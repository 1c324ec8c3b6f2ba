import { expect, it } from "vitest";
import { readPages, type Page } from "../../../src/mcp/pages.js";

interface Tool {
  name?: string;
}
type Answer = Page<Tool> | undefined;

const named = (...names: string[]): Tool[] => names.map((name) => ({ name }));

/** Reads the list of a server that answers with `answerTo`, and counts the requests. */
async function read(answerTo: (cursor: string | undefined, nth: number) => Answer) {
  let requests = 0;
  const ask = ({ cursor }: { cursor?: string }) => Promise.resolve(answerTo(cursor, requests++));
  const tools = await readPages("tools/list", ask, (tool, key) => (tool as Record<string, unknown>)[key]);
  return { names: tools?.map(({ name }) => name), requests };
}

it.each<[string, (cursor: string | undefined, nth: number) => Answer, (string | undefined)[] | undefined, number]>([
  ["one page", () => ({ items: named("a"), nextCursor: undefined }), ["a"], 1],
  [
    "two pages",
    (cursor) => (cursor ? { items: named("b"), nextCursor: null } : { items: named("a"), nextCursor: "2" }),
    ["a", "b"],
    2,
  ],
  [
    "an empty string as a cursor",
    (cursor) => (cursor === "" ? { items: named("b"), nextCursor: undefined } : { items: named("a"), nextCursor: "" }),
    ["a", "b"],
    2,
  ],
  ["a cursor that never advances", () => ({ items: named("a", "b"), nextCursor: "x" }), ["a", "b"], 2],
  [
    "two cursors in turn",
    (_cursor, nth) => ({ items: named(`t${nth}`), nextCursor: nth % 2 === 0 ? "x" : "y" }),
    ["t0", "t1", "t2"],
    3,
  ],
  ["new cursors for the same page", (_cursor, nth) => ({ items: named("a"), nextCursor: `${nth}` }), ["a"], 2],
  [
    "an empty page before the last",
    (_cursor, nth) => ({ items: nth === 1 ? [] : named(`t${nth}`), nextCursor: nth < 2 ? `${nth}` : undefined }),
    ["t0", "t2"],
    3,
  ],
  [
    "a tool that comes twice",
    (cursor) => (cursor ? { items: named("a", "b"), nextCursor: undefined } : { items: named("a"), nextCursor: "2" }),
    ["a", "b"],
    2,
  ],
  ["items without a name", () => ({ items: [{}, {}], nextCursor: undefined }), [undefined, undefined], 1],
  ["a first page that cannot be read", () => undefined, undefined, 1],
  [
    "a second page that cannot be read",
    (cursor) => (cursor === undefined ? { items: named("a"), nextCursor: "2" } : undefined),
    ["a"],
    2,
  ],
])("a list with %s", async (_title, answerTo, names, requests) => {
  expect(await read(answerTo)).toEqual({ names, requests });
});

it("a list without an end is cut off", async () => {
  const { names } = await read((_cursor, nth) => ({ items: named(`t${nth}`), nextCursor: `${nth}` }));
  expect(names?.length).toBeGreaterThan(100);
});
