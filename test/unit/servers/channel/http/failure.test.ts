import { expect, it } from "vitest";

import { describeError, ErrorStatus, isSessionGone } from "../../../../../src/servers/channel/http/failure.js";
import { NotConnected } from "../../../../../src/servers/channel/http/net/network.js";

const status = (code: number, text = ""): ErrorStatus => new ErrorStatus({ status: code, headers: {}, text });
const broken = (code: string): Error => Object.assign(new Error("broken"), { code });

it.each<[string, Error, string, string]>([
  [
    "a connection that was refused",
    new NotConnected("ECONNREFUSED", broken("ECONNREFUSED")),
    "failed-before",
    "cannot be reached",
  ],
  [
    "an untrusted certificate",
    new NotConnected("x", broken("UNABLE_TO_GET_ISSUER_CERT_LOCALLY")),
    "failed-before",
    "not trusted",
  ],
  ["a connection that broke", broken("ECONNRESET"), "unknown", "broke the connection to https://e.org (ECONNRESET)"],
  ["401", status(401), "failed-before", 'check "headers"'],
  ["403", status(403, "no"), "failed-before", "HTTP 403 at https://e.org: no"],
  ["413", status(413), "failed-before", "HTTP 413"],
  ["429", status(429, "slow down"), "failed-before", "slow down"],
  ["503 with a page", status(503, "<html>down</html>"), "unknown", "HTTP 503 at https://e.org"],
  ["500 with JSON-RPC", status(500, '{"error":{"message":"inner"}}'), "unknown", "HTTP 500 at https://e.org: inner"],
])("%s: settles the request and is put into words", (_, error, fate, words) => {
  const failure = describeError(error, "https://e.org");
  expect(failure.fate).toBe(fate);
  expect(failure.reason).toContain(words);
  expect(failure.reason).not.toContain("<html>");
});

it.each<[number, string, boolean]>([
  [404, "", true],
  [404, "<html>", true],
  [400, "Bad Request: No valid session ID provided", true],
  [400, "Invalid session ID", true],
  [400, '{"error":{"code":-32000,"message":"Bad Request: Mcp-Session-Id header is required"}}', true],
  [400, '{"error":{"code":-32001,"message":"Session not found"}}', true],
  [400, '{"error":{"code":-32602,"message":"invalid session argument"}}', false],
  [400, "argument 'session_name' is missing", false],
  [400, "", false],
  [500, "Session not found", false],
  [409, "Conflict", false],
])("HTTP %d with the text %s means that the session is gone: %s", (code, text, gone) => {
  expect(isSessionGone({ status: code, headers: {}, text })).toBe(gone);
});
