import { expect, it } from "vitest";

import { ParamsText, requestFrame, resultText } from "../../../src/wire/request-frame.js";

it("params that are given as text are sent as they are, with a progress token where progress is wanted", () => {
  const params = new ParamsText('{"arguments":{"n":12345678901234567890}}');
  expect(requestFrame(7, "tools/call", params, false)).toBe(
    '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"arguments":{"n":12345678901234567890}}}',
  );
  expect(requestFrame(7, "tools/call", params, true)).toBe(
    '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"arguments":{"n":12345678901234567890},"_meta":{"progressToken":7}}}',
  );
});

it("a progress token is added to what params have in _meta", () => {
  expect(JSON.parse(requestFrame(1, "m", { a: 1, _meta: { b: 2 } }, true))).toEqual({
    jsonrpc: "2.0",
    id: 1,
    method: "m",
    params: { a: 1, _meta: { b: 2, progressToken: 1 } },
  });
  expect(JSON.parse(requestFrame(1, "m", undefined, false))).toEqual({ jsonrpc: "2.0", id: 1, method: "m" });
});

it.each([
  ['{"jsonrpc":"2.0","id":1,"result":{"n":12345678901234567890, "x":1.10}}', '{"n":12345678901234567890, "x":1.10}'],
  ['{"re\\u0073ult":[1e999],"id":1}', "[1e999]"],
  ['{"id":1}', "null"],
])("the result of %s is %s", (frame, result) => {
  expect(resultText(Buffer.from(frame))).toBe(result);
});
