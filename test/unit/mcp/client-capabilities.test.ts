import { expect, it } from "vitest";

import { lackingCapability } from "../../../src/mcp/client-capabilities.js";
import { readEnvelope, type RequestEnvelope } from "../../../src/wire/envelope.js";

const request = (method: string, params?: object): RequestEnvelope =>
  readEnvelope(Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }))) as RequestEnvelope;

it("a client lacks what it did not declare", () => {
  expect(lackingCapability({}, request("sampling/createMessage"))).toBe("sampling");
  expect(lackingCapability({ sampling: {} }, request("sampling/createMessage"))).toBeUndefined();
  expect(lackingCapability({}, request("vendor/anything"))).toBeUndefined();
});

it("elicitation by URL is a capability of its own", () => {
  const byUrl = request("elicitation/create", { mode: "url" });
  expect(lackingCapability({ elicitation: { form: {} } }, byUrl)).toBe("elicitation by URL");
  expect(lackingCapability({ elicitation: { url: {} } }, byUrl)).toBeUndefined();
  expect(lackingCapability({ elicitation: {} }, request("elicitation/create", { mode: "form" }))).toBeUndefined();
});
