import { describe, expect, it } from "vitest";
import { elementTexts, indented, memberText } from "../../../src/text/json-text.js";

describe("JSON text is taken apart without a change to its numbers", () => {
  it.each([
    ['{"jsonrpc":"2.0","id":2,"result":{"n":12345678901234567890}}', '{"n":12345678901234567890}'],
    ['{"result":[1.10,"}"],"id":2}', '[1.10,"}"]'],
    ['{"id":"\\"result\\":7","x":{"result":1},"result": true }', "true"],
    ['{"a":"result","b":["result",{"result":1}],"result":"\\\\"}', '"\\\\"'],
    ['{"a":1}', undefined],
    ["{}", undefined],
    ["[1]", undefined],
  ])("the member of %s", (json, member) => {
    expect(memberText(json, "result")).toBe(member);
  });

  it.each([
    ["[]", []],
    ["[ ]", []],
    ['[1e400, "a,]", [2,3],{"x":[4]} ,null]', ["1e400", '"a,]"', "[2,3]", '{"x":[4]}', "null"]],
  ])("the elements of %s", (json, elements) => {
    expect(elementTexts(json)).toEqual(elements);
  });
});

describe("JSON text is indented as JSON.stringify does it", () => {
  it.each([
    "{}",
    "[]",
    "7",
    '"a: {"',
    '{"a":{},"b":[],"c":[[],{}]}',
    '{"a":[1,2,{"b":null}],"c":"x,\\"{:}"}',
    '[ { "a" : 1 } , [ ] ]',
  ])("%s", (json) => {
    expect(indented(json)).toBe(JSON.stringify(JSON.parse(json), undefined, 2));
  });

  it("but for the digits of numbers, which stay", () => {
    expect(indented('{"n":12345678901234567890,"x":1.10}')).toBe('{\n  "n": 12345678901234567890,\n  "x": 1.10\n}');
  });
});
