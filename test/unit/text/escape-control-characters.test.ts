import { expect, it } from "vitest";
import { escapeControlCharacters, escapeToOneLine } from "../../../src/text/escape-control-characters.js";

it.each([
  ["plain é 服务器 🚀", "plain é 服务器 🚀", "plain é 服务器 🚀"],
  ["a\tb\nc", "a\tb\nc", "a\\tb\\nc"],
  ["a\r\nb", "a\nb", "a\\r\\nb"],
  ["a\rb", "a\\u000db", "a\\rb"],
  ["\u001b[2J\u0007", "\\u001b[2J\\u0007", "\\u001b[2J\\u0007"],
  ["\u009b31m", "\\u009b31m", "\\u009b31m"],
  ["a\u2028b\u202ec", "a\u2028b\u202ec", "a\\u2028b\\u202ec"],
])("%j is escaped to %j over several lines, and to %j on one line", (text, lines, line) => {
  expect([escapeControlCharacters(text), escapeToOneLine(text)]).toEqual([lines, line]);
});
