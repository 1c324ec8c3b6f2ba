import { expect, it } from "vitest";
import { cutToRoom, progressLineText } from "../../../../src/cli/call/call-progress.js";

it.each([
  [{ progress: 3, total: 10, message: "copying" }, "3/10 (30 %) copying"],
  [{ progress: 3 }, "3"],
  [{ progress: 3, total: 0 }, "3/0"],
  [{ progress: Infinity, total: Infinity }, "Infinity/Infinity"],
  [{ progress: 1, message: "a\n b\u001b[2J" }, "1 a b\\u001b[2J"],
])("the progress %j is %s", (progress, text) => {
  expect(progressLineText(progress)).toBe(text);
});

it.each([
  ["0123456789abc", 12, "0123456789…"],
  ["服务器服务器", 12, "服务器服务…"],
  ["short", 12, "short"],
])("%s is cut to %i columns", (text, columns, cut) => {
  expect(cutToRoom(text, columns)).toBe(cut);
});
