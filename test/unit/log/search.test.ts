import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";

import { LOG_BLOCK_BYTES as BLOCK } from "../../../src/log/blocks.js";
import type { LogPosition } from "../../../src/log/files.js";
import { isBreadcrumbLine } from "../../../src/log/line.js";
import { readLinesBefore } from "../../../src/log/reader.js";
import { searchBackwards, type SearchOptions } from "../../../src/log/search.js";
import { it as base } from "../../fixtures/it/with-directory.js";

const it = base
  .extend("path", ({ directory }) => join(directory, "serve.log"))
  /** One answer, unbounded unless said otherwise. */
  .extend("search", ({ path }) => {
    return (needle: string, from?: LogPosition, options: Partial<SearchOptions> = {}) =>
      searchBackwards(path, needle, from, { maxHits: Infinity, maxBytes: Infinity, ...options });
  })
  /** The texts of all hits, by as many answers as the bounds make necessary. */
  .extend("texts", ({ search }) => {
    return async (needle: string, options: Partial<SearchOptions> = {}): Promise<string[]> => {
      const found: string[] = [];
      for (let from: LogPosition | undefined, first = true; first || from; first = false) {
        const { hits, before } = await search(needle, from, options);
        found.push(...hits.map(({ text }) => text));
        from = before;
      }
      return found;
    };
  });

const write = (file: string, lines: string[]): void => writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, n) => `line ${from + n}`);

const CALL = "2026-01-01T00:00:00.000+00:00 info memory: call read_graph";
const EVENT = "2026-01-01T00:00:00.000+00:00 event daemon: ready (pid 7, version 1.0.0)";

describe("searching backwards", () => {
  it("a search finds every line, newest first, in either case, in all files", async ({ path, texts }) => {
    write(`${path}.1`, ["an ERROR here", ...numbered(0, 3000), "error error"]);
    write(path, ["nothing", "Error: c:\\x [1] (2)", "日本"]);
    expect(await texts("error")).toEqual(["Error: c:\\x [1] (2)", "error error", "an ERROR here"]);
    expect(await texts("C:\\X [1] (")).toEqual(["Error: c:\\x [1] (2)"]);
    expect(await texts("本")).toEqual(["日本"]);
    expect(await texts("absent")).toEqual([]);
    expect(await texts("")).toEqual([]);
  });

  it.for(["needle", "Nädelchen日"])(
    "a search finds %s across the border of two blocks, in a line of two",
    async (needle, { path, search }) => {
      for (let behind = BLOCK - 20; behind < BLOCK; behind++) {
        writeFileSync(path, `before\nthe ${needle}${"x".repeat(behind)}\n`);
        const { hits } = await search(needle);
        expect(hits.map(({ at }) => at.offset)).toEqual([7]);
        expect(hits[0]?.text === `the ${needle}${"x".repeat(behind)}`).toBe(true);
      }
    },
  );

  it.for([1, 3, 1000])(
    "a search finds each line once, by answers of %d hits, wherever blocks begin",
    async (maxHits, { path, texts }) => {
      const lines = Array.from({ length: 4_000 }, (_, n) => `needle ${n} and another needle ${"x".repeat(n % 97)}`);
      write(path, lines);
      expect(await texts("needle", { maxHits, maxBytes: 3 * BLOCK })).toEqual(lines.reverse());
    },
  );

  it("a hit has a position to read around", async ({ path, search }) => {
    write(path, [...numbered(0, 100), "here", ...numbered(100, 200)]);
    const { hits } = await search("HERE");
    const { lines } = await readLinesBefore(path, hits[0]!.at, 2);
    expect(lines.map(({ text }) => text)).toEqual(["line 98", "line 99"]);
  });

  it("a search keeps to its bytes and can be continued", async ({ path, search }) => {
    write(path, ["needle", ...numbered(0, 20_000)]);
    const first = await search("needle", undefined, { maxBytes: 2 * BLOCK });
    expect(first).toMatchObject({ hits: [], searchedBytes: 2 * BLOCK });
    expect((await search("needle", first.before)).hits).toMatchObject([{ text: "needle", at: { offset: 0 } }]);
  });

  it("a search that filters keeps to its bytes however many lines it leaves out", async ({ path, search }) => {
    write(path, [EVENT, ...Array.from({ length: 10_000 }, () => CALL), EVENT]);
    const filter = isBreadcrumbLine;
    const first = await search("e", undefined, { filter, maxBytes: 2 * BLOCK });
    expect(first).toMatchObject({ hits: [{ text: EVENT }], searchedBytes: 2 * BLOCK });
    expect((await search("e", first.before, { filter })).hits).toMatchObject([{ text: EVENT, at: { offset: 0 } }]);
  });

  it("a search that is aborted ends before the next block", async ({ path, search }) => {
    write(path, [...numbered(0, 200_000)]);
    const controller = new AbortController();
    let lines = 0;
    const filter = (): boolean => {
      lines++;
      controller.abort(new Error("ended"));
      return false;
    };
    await expect(search("line", undefined, { filter, signal: controller.signal })).rejects.toThrow("ended");
    expect(lines).toBeLessThan(BLOCK / "line 1\n".length);
  });

  it("a search leaves other work its turn between two blocks", async ({ path, search }) => {
    write(path, [...numbered(0, 100_000)]);
    let turns = 0;
    const count = (): void => {
      turns++;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    const { searchedBytes } = await search("line", undefined, { filter: () => false });
    clearImmediate(next);
    expect(turns).toBeGreaterThanOrEqual(Math.floor(searchedBytes / BLOCK));
  });

  it("a search finds text in an incomplete line", async ({ path, texts }) => {
    write(path, ["a"]);
    appendFileSync(path, "a needle without an e");
    expect(await texts("needle")).toEqual(["a needle without an e"]);
  });
});
