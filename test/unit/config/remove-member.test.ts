import { parseTree } from "jsonc-parser";
import { expect, it } from "vitest";

import { removeMember } from "../../../src/config/remove-member.js";

const without = (text: string, name: string): string => {
  const properties = parseTree(text, [], { allowTrailingComma: true })?.children ?? [];
  const property = properties.find(({ children }) => children?.[0]?.value === name);
  return property === undefined ? text : removeMember(text, property);
};

it.each([
  ["the only one", '{"a":1}', "a", "{}"],
  ["the only one, with a trailing comma", '{"a":1,}', "a", "{}"],
  ["the first", '{"a":1,"b":2}', "a", '{"b":2}'],
  ["the first, with blanks", '{ "a": 1, "b": 2 }', "a", '{ "b": 2 }'],
  ["the last", '{"a":1,"b":2}', "b", '{"a":1}'],
  ["the last, with a trailing comma", '{"a":1,"b":2,}', "b", '{"a":1,}'],
  ["one on its own line", '{\n  "a": 1,\n  "b": 2\n}', "a", '{\n  "b": 2\n}'],
  ["the last on its own line", '{\n  "a": 1,\n  "b": 2\n}\n', "b", '{\n  "a": 1\n}\n'],
  ["one with a comment behind it", '{\n  "a": 1, // one\n  "b": 2 // two\n}', "a", '{\n  "b": 2 // two\n}'],
  ["the last, with comments", '{\r\n  "a": 1, // one\r\n  "b": 2 /* two */\r\n}', "b", '{\r\n  "a": 1 // one\r\n}'],
  ["one below a comment", '{\n  // numbers\n  "a": 1,\n}', "a", "{\n  // numbers\n}"],
  ["an object over several lines", '{\n  "a": {\n    "x": 1\n  },\n  "b": 2,\n}', "a", '{\n  "b": 2,\n}'],
])("%s is removed", (_title, text, name, left) => {
  expect(without(text, name)).toBe(left);
});
