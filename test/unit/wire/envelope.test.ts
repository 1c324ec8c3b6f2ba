import { describe, expect, it } from "vitest";

import { paramsOf, parseSpan, readEnvelope, replaceSpans, type Envelope } from "../../../src/wire/envelope.js";
import { FrameError } from "../../../src/wire/frames.js";

describe("readEnvelope", () => {
  it("readEnvelope reads a request", () => {
    const envelope = read(
      '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"x","_meta":{"progressToken":"p"}}}',
    );
    expect(envelope).toMatchObject({ kind: "request", id: 7, method: "tools/call", progress: { token: "p" } });
    expect(paramsOf(envelope)).toEqual({ name: "x", _meta: { progressToken: "p" } });
    if (envelope.kind !== "request") throw new Error(envelope.kind);
    expect(text(envelope, envelope.idSpan)).toBe("7");
    expect(text(envelope, envelope.progress?.span)).toBe('"p"');
  });

  it("readEnvelope reads a notification, and a progress notification's token", () => {
    const plain = read('{"method":"notifications/initialized","jsonrpc":"2.0"}');
    expect(plain).toMatchObject({ kind: "notification", method: "notifications/initialized", progress: undefined });
    expect(paramsOf(plain)).toBeUndefined();
    const progress = read(
      '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":4,"progress":0.5}}',
    );
    expect(progress).toMatchObject({ kind: "notification", progress: { token: 4 } });
  });

  it("readEnvelope reads responses", () => {
    const result = read('{"jsonrpc":"2.0","id":"a","result":{"x":[1]}}');
    expect(result).toMatchObject({ kind: "response", id: "a", error: undefined });
    expect(result.kind === "response" && parseSpan(result.raw, result.result)).toEqual({ x: [1] });
    const failed = read('{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}}');
    expect(failed.kind === "response" && parseSpan(failed.raw, failed.error)).toEqual({ code: -1, message: "no" });
  });

  it("readEnvelope accepts an error that answers no request, with a null id or without one", () => {
    expect(read('{"jsonrpc":"2.0","id":null,"error":{}}')).toMatchObject({ kind: "response", id: null });
    expect(read('{"jsonrpc":"2.0","error":{"code":1}}')).toMatchObject({ kind: "response", id: null });
  });

  it('readEnvelope ignores "error": null beside a result', () => {
    expect(read('{"jsonrpc":"2.0","id":1,"result":{},"error":null}')).toMatchObject({ error: undefined });
  });

  it.each([
    ["1e2", 100],
    ["-3", -3],
    ["0", 0],
    ["1.5", 1.5],
    ["9007199254740991", 9007199254740991],
    ['"7"', "7"],
    ['"a\\"\\u00e9"', 'a"é'],
    ['"é"', "é"],
    ['""', ""],
  ])("readEnvelope reads the id %s", (json, id) => {
    expect(read(`{"jsonrpc":"2.0","id":${json},"method":"ping"}`)).toMatchObject({ kind: "request", id });
  });

  it("readEnvelope recognises members whose keys are escaped", () => {
    expect(read('{"json\\u0072pc":"2.0","\\u0069d":1,"m\\u0065thod":"p\\u0069ng"}')).toMatchObject({
      id: 1,
      method: "ping",
    });
    expect(
      read('{"jsonrpc":"2.0","id":1,"method":"x","params":{"_m\\u0065ta":{"progress\\u0054oken":5}}}'),
    ).toMatchObject({ progress: { token: 5 } });
  });

  it("readEnvelope ignores progress tokens in other places than MCP's", () => {
    expect(read('{"jsonrpc":"2.0","id":1,"method":"x","params":{"progressToken":5}}')).toMatchObject({
      progress: undefined,
    });
    expect(read('{"jsonrpc":"2.0","method":"x","params":{"progressToken":5}}')).toMatchObject({ progress: undefined });
    expect(
      read('{"jsonrpc":"2.0","id":1,"method":"x","params":{"arguments":{"_meta":{"progressToken":5}}}}'),
    ).toMatchObject({ progress: undefined });
    expect(read('{"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{"progressToken":null}}}')).toMatchObject({
      progress: undefined,
    });
  });

  it.each([
    ["hello", -32700, 'A message is not a JSON object: unexpected "h" at byte 0.'],
    ['{"jsonrpc":"2.0","id":1,"method":"x"} {}', -32700, "A message is not a JSON object: more follows at byte 38."],
    [
      '[{"jsonrpc":"2.0","id":1,"method":"x"}]',
      -32600,
      "A message is an array. MCP no longer has batches: send one message per line.",
    ],
    ['{"id":1,"method":"x"}', -32600, 'A message has no "jsonrpc": "2.0".'],
    ['{"jsonrpc":"1.0","id":1,"method":"x"}', -32600, 'A message has no "jsonrpc": "2.0".'],
    ['{"jsonrpc":"2.0"}', -32600, "A message has neither a method nor an id."],
    ['{"jsonrpc":"2.0","id":null,"method":"x"}', -32600, "A message is a request with a null id."],
    ['{"jsonrpc":"2.0","id":{},"method":"x"}', -32600, "A message has an id that is neither a string nor a number."],
    ['{"jsonrpc":"2.0","id":true,"result":{}}', -32600, "A message has an id that is neither a string nor a number."],
    ['{"jsonrpc":"2.0","id":1,"method":5}', -32600, "A message has a method that is not a string."],
    ['{"jsonrpc":"2.0","id":1,"id":2,"method":"x"}', -32600, 'A message has "id" twice.'],
    ['{"jsonrpc":"2.0","id":1,"method":"x","\\u006dethod":"y"}', -32600, 'A message has "method" twice.'],
    [
      '{"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{"progressToken":1,"progressToken":2}}}',
      -32600,
      'A message has "progressToken" twice.',
    ],
    [
      '{"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{"progressToken":1},"_meta":{}}}',
      -32600,
      'A message has "_meta" twice.',
    ],
    [
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"request\\u0049d":2}}',
      -32600,
      'A message has "requestId" twice.',
    ],
    [
      '{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"taskId":"a","taskId":"b"}}',
      -32600,
      'A message has "taskId" twice.',
    ],
    [
      '{"jsonrpc":"2.0","id":1,"method":"x","result":{}}',
      -32600,
      "A message has both a method and a result or an error.",
    ],
  ])("readEnvelope refuses %s", (frame, rpcCode, message) => {
    const error = refusal(Buffer.from(frame));
    expect(error).toBeInstanceOf(FrameError);
    expect(error).toMatchObject({ message, rpcCode });
  });

  it("readEnvelope refuses bytes that are not UTF-8", () => {
    const frame = Buffer.from('{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":"ä"}}', "latin1");
    expect(refusal(frame)).toMatchObject({ name: "FrameError", message: "A message is not valid UTF-8." });
  });
});

describe("replaceSpans", () => {
  it("replaceSpans replaces ids and tokens and keeps every other byte", () => {
    const envelope = read(
      '{"params": {"x" : "ä😀\\n", "_meta":{"progressToken":"tok"} }, "id": 12, "method":"m","jsonrpc":"2.0"}',
    );
    if (envelope.kind !== "request" || !envelope.progress) throw new Error("not a request with a token");
    const edited = replaceSpans(envelope.raw, [
      { span: envelope.idSpan, text: '"é"' },
      { span: envelope.progress.span, text: "123456" },
    ]);
    expect(edited.toString()).toBe(
      '{"params": {"x" : "ä😀\\n", "_meta":{"progressToken":123456} }, "id": "é", "method":"m","jsonrpc":"2.0"}',
    );
  });

  it("replaceSpans copies the frame when there is nothing to replace", () => {
    expect(replaceSpans(Buffer.from("abc"), []).toString()).toBe("abc");
  });
});

function read(frame: string): Envelope {
  return readEnvelope(Buffer.from(frame));
}

function text({ raw }: Envelope, span: { start: number; end: number } | undefined): string {
  return raw.toString("utf8", span?.start, span?.end);
}

function refusal(frame: Buffer): unknown {
  try {
    return readEnvelope(frame);
  } catch (error) {
    return error;
  }
}
