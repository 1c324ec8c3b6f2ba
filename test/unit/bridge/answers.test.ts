import { expect, it } from "vitest";

import { notDelivered, readAnswer, unknownOutcome } from "../../../src/bridge/answers.js";
import type { HostRequest } from "../../../src/bridge/host-requests.js";
import { HostRequests } from "../../../src/bridge/host-requests.js";
import { readEnvelope, type RequestEnvelope, type ResponseEnvelope } from "../../../src/wire/envelope.js";

function request(method: string, params: object = {}): HostRequest {
  const raw = Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: 7, method, params }));
  return new HostRequests().add(readEnvelope(raw) as RequestEnvelope)!;
}

function answer(members: object): ResponseEnvelope {
  return readEnvelope(Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: 7, ...members }))) as ResponseEnvelope;
}

const UNKNOWN = { code: -32011, message: "It died.", data: { delivered: true, outcome: "unknown" } };

it("a result, and a server's own error, are passed on as they are", () => {
  const call = request("tools/call", { name: "t" });
  expect(readAnswer(call, answer({ result: { isError: true } }))).toEqual({ kind: "passed" });
  expect(readAnswer(call, answer({ error: { code: -32602, message: "no such tool" } }))).toEqual({ kind: "passed" });
});

it("a request that a daemon did not take may be sent to the next one", () => {
  const error = { code: -32001, message: "draining", data: { delivered: false } };
  expect(readAnswer(request("tools/call"), answer({ error }))).toMatchObject({ kind: "not-delivered" });
});

it("an unknown outcome is a tool's error for a tool's call, and a JSON-RPC error for the rest", () => {
  const replaced = readAnswer(request("tools/call", { name: "t" }), answer({ error: UNKNOWN }));
  expect(JSON.parse((replaced as { frame: string }).frame)).toEqual({
    jsonrpc: "2.0",
    id: 7,
    result: {
      content: [{ type: "text", text: "It died." }],
      isError: true,
      _meta: { "lockstep/error": { code: -32011, delivered: true, outcome: "unknown" } },
    },
  });
  const read = readAnswer(request("resources/read"), answer({ error: UNKNOWN }));
  expect(JSON.parse((read as { frame: string }).frame)).toMatchObject({ id: 7, error: UNKNOWN });
});

it("a call that asked for a task gets a JSON-RPC error: its result would have to be a task", () => {
  const call = request("tools/call", { name: "t", task: { ttl: 1 } });
  expect(JSON.parse(unknownOutcome(call, "it ended."))).toHaveProperty("error.data.outcome", "unknown");
});

it("a server without a list has an empty one, which hosts do not take for a failed server", () => {
  const error = { code: -32601, message: "Method not found" };
  const replaced = readAnswer(request("prompts/list"), answer({ error }));
  expect(replaced).toEqual({ kind: "replaced", frame: '{"jsonrpc":"2.0","id":7,"result":{"prompts":[]}}' });
  expect(readAnswer(request("completion/complete"), answer({ error }))).toEqual({ kind: "passed" });
});

it("a request that was not delivered says so, with the reason", () => {
  const text = notDelivered(request("tools/call", { name: "t" }), "no daemon could be reached within 50 s.");
  expect(text).toContain("The request was not delivered: no daemon could be reached within 50 s.");
  expect(text).toContain('"delivered":false');
});
