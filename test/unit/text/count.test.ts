import { expect, it } from "vitest";
import { compact, counted, countedCompactly, grouped } from "../../../src/text/count.js";

it.each([
  [7, "7"],
  [1902, "1,902"],
  [1e6, "1,000,000"],
])("%d is grouped as %s", (value, text) => {
  expect(grouped(value)).toBe(text);
});

it.each([
  [812, "812"],
  [99_999, "99,999"],
  [102_487, "102k"],
  [1_127_357, "1.1M"],
  [1.69e9, "1.6B"],
  [5.2e12, "5,200B"],
])("%d is shortened to %s", (value, text) => {
  expect(compact(value)).toBe(text);
});

it.each([
  [0, "0 calls", "0 calls"],
  [1, "1 call", "1 call"],
  [1902, "1,902 calls", "1,902 calls"],
  [102_487, "102,487 calls", "102k calls"],
])("%d things are counted as %s, or %s where there is little room", (count, full, short) => {
  expect([counted(count, "call"), countedCompactly(count, "call")]).toEqual([full, short]);
});

it("a noun with an irregular plural is counted with it", () => {
  expect([counted(1, "child", "children"), counted(2, "child", "children")]).toEqual(["1 child", "2 children"]);
});
