import { expect, it } from "vitest";

import { readLine } from "../../../../src/daemon/connection/read-line.js";
import { FrameError } from "../../../../src/wire/frames.js";

/** What was read, in short: a message's method or id, or the answer that it gets. */
function read(text: string, hasBatches = false): unknown[] {
  return readLine(Buffer.from(text), hasBatches).map((received) => {
    if (received.kind === "refused") return { id: received.idText, code: received.code };
    return received.kind === "response" ? `response ${received.id}` : received.method;
  });
}

const DEEP = "[".repeat(2_000) + "]".repeat(2_000);

it.for<[string, string, unknown[]]>([
  ["a request", '{"jsonrpc":"2.0","id":1,"method":"ping"}', ["ping"]],
  ["a doubled key", '{"jsonrpc":"2.0","id":7,"method":"a","method":"b"}', [{ id: "7", code: -32600 }]],
  ["a doubled id", '{"jsonrpc":"2.0","id":7,"id":8,"method":"a"}', [{ id: "null", code: -32600 }]],
  ["a null id", '{"jsonrpc":"2.0","id":null,"method":"a"}', [{ id: "null", code: -32600 }]],
  ["an id that is an object", '{"jsonrpc":"2.0","id":{},"method":"a"}', [{ id: "null", code: -32600 }]],
  ["an id of many digits", '{"id":1732700000123456789,"method":"a"}', [{ id: "1732700000123456789", code: -32600 }]],
  ["an id that is a text", '{"id":"a\\"b","method":"a"}', [{ id: '"a\\"b"', code: -32600 }]],
  ["another version of JSON-RPC", '{"jsonrpc":"1.0","id":1,"method":"a"}', [{ id: "1", code: -32600 }]],
  ["params that are nested too deeply", `{"id":1,"jsonrpc":"2.0","params":${DEEP}}`, [{ id: "1", code: -32600 }]],
  ["a number", "5", [{ id: "null", code: -32600 }]],
  ["a batch", '[{"jsonrpc":"2.0","method":"a"}]', [{ id: "null", code: -32600 }]],
])("a line with %s is read, or refused by itself", ([_what, line, expected]) => {
  expect(read(line)).toEqual(expected);
});

it("a batch is read message by message where the client's version of MCP has batches", () => {
  const good = '{"jsonrpc":"2.0","id":1,"method":"a"}';
  expect(read(` [ ${good} , {"jsonrpc":"2.0","id":5,"result":{}} ] `, true)).toEqual(["a", "response 5"]);
  expect(read(`[${good},1,{"id":2,"method":"b"},[${good}]]`, true)).toEqual([
    "a",
    { id: "null", code: -32600 },
    { id: "2", code: -32600 },
    { id: "null", code: -32600 },
  ]);
  expect(read("[]", true)).toEqual([{ id: "null", code: -32600 }]);
  expect(read(`[${Array(101).fill(good).join(",")}]`, true)).toEqual([{ id: "null", code: -32600 }]);
});

it.for<[string, string | Buffer]>([
  ["half a batch", '[{"jsonrpc":"2.0","method":"a"}'],
  ["two batches", "[1] [2]"],
  ["text", "GET / HTTP/1.1"],
  ["half an object", '{"jsonrpc":"2.0"'],
  ["no UTF-8", Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d])],
])("a line with %s is no JSON, which ends the connection", ([_what, line]) => {
  expect(() => readLine(Buffer.from(line), true)).toThrow(FrameError);
  expect(() => readLine(Buffer.from(line), true)).toThrow(expect.objectContaining({ rpcCode: -32700 }) as Error);
});
