import { expect, it } from "vitest";
import { escapeToOneLine, forTerminal, toOneLine } from "../../../src/text/escape-control-characters.js";

it.each([
  ["plain é 服务器 🚀", "plain é 服务器 🚀", "plain é 服务器 🚀"],
  ["a\tb\nc", "a\tb\nc", "a\\tb\\nc"],
  ["a\r\nb", "a\nb", "a\\r\\nb"],
  ["a\rb", "a\\u000db", "a\\rb"],
  ["\u001b[2J\u0007", "\\u001b[2J\\u0007", "\\u001b[2J\\u0007"],
  ["\u009b31m", "\\u009b31m", "\\u009b31m"],
  ["a\u2028b\u202ec", "a\\u2028b\\u202ec", "a\\u2028b\\u202ec"],
  ["\u2066x\u2069\u007f", "\\u2066x\\u2069\\u007f", "\\u2066x\\u2069\\u007f"],
])("%j is escaped to %j over several lines, and to %j on one line", (text, lines, line) => {
  expect([forTerminal(text), escapeToOneLine(text)]).toEqual([lines, line]);
});

it("a message of several lines becomes one line, with blanks for its line breaks", () => {
  expect(toOneLine(" [\n  {\r\n\t bad\u2028 }\n]\n")).toBe("[ { bad } ]");
  expect(toOneLine("a\u001b]0;owned\u0007\nlockstep: all fine")).toBe("a\\u001b]0;owned\\u0007 lockstep: all fine");
});
