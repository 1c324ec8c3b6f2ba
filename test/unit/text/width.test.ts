import { expect, it } from "vitest";
import { cutToWidth, textWidth } from "../../../src/text/width.js";

it.each([
  ["plain", 5],
  ["é", 1],
  ["e\u0301", 1],
  ["服务器", 6],
  ["ｆｕｌｌ", 8],
  ["한글", 4],
  ["🚀", 2],
  ["→✓", 2],
  ["a\u200bb", 2],
])("%s takes %i columns", (text, width) => {
  expect(textWidth(text)).toBe(width);
});

it.each([
  ["plain", 3, "pla"],
  ["服务器", 5, "服务"],
  ["e\u0301e\u0301", 1, "e\u0301"],
  ["🚀🚀", 3, "🚀"],
  ["x", 0, ""],
])("%s is cut to %i columns", (text, columns, cut) => {
  expect(cutToWidth(text, columns)).toBe(cut);
});
