import { expect, it } from "vitest";

import { eraOf } from "../../../src/mcp/era.js";
import { readEnvelope, type RequestEnvelope } from "../../../src/wire/envelope.js";

const request = (method: string, params?: object): RequestEnvelope =>
  readEnvelope(Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }))) as RequestEnvelope;

it("a request that states its protocol version in its meta data needs no handshake", () => {
  const _meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };
  expect(eraOf(request("tools/call", { name: "x", _meta }))).toBe("stateless");
  expect(eraOf(request("server/discover"))).toBe("stateless");
  expect(eraOf(request("subscriptions/listen", {}))).toBe("stateless");
});

it("the name of the meta data in a text says nothing about the era", () => {
  expect(eraOf(request("tools/call", { text: "io.modelcontextprotocol/protocolVersion" }))).toBe("initialize");
  expect(eraOf(request("tools/list"))).toBe("initialize");
});
