import { expect, it } from "vitest";

import { memberSpan, nestedSpan, textAt } from "../../../src/mcp/span.js";

const raw = Buffer.from('{"a":{"requestId": "x\\"y", "b":[1]},"n":1}');
const whole = { start: 0, end: raw.length };

it("a member is found where it stands in its object", () => {
  const a = memberSpan(raw, whole, "a")!;
  const id = memberSpan(raw, a, "requestId")!;
  expect(textAt(raw, id)).toBe('"x\\"y"');
  expect(memberSpan(raw, a, "c")).toBeUndefined();
  expect(memberSpan(raw, id, "c")).toBeUndefined();
});

it("a path leads through objects only", () => {
  expect(textAt(raw, nestedSpan(raw, whole, ["a", "b"])!)).toBe("[1]");
  expect(nestedSpan(raw, whole, ["n", "b"])).toBeUndefined();
  expect(nestedSpan(raw, undefined, ["a"])).toBeUndefined();
});
