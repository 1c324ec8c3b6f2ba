import { expect, it } from "vitest";

import { Endpoint } from "../../../../../../src/servers/channel/http/net/endpoint.js";

it.each([
  ["http://e.org/mcp", "/mcp/", "http://e.org/mcp/", true],
  ["https://e.org/mcp", "http://e.org/mcp/", "https://e.org/mcp/", true],
  ["https://e.org:8443/mcp", "http://e.org:8080/mcp/", "https://e.org:8443/mcp/", true],
  ["http://e.org/mcp", "https://e.org/mcp", "https://e.org/mcp", true],
  ["http://e.org/mcp", "https://www.e.org/mcp", "https://www.e.org/mcp", false],
  ["http://e.org/mcp", "http://e.org:81/mcp", "http://e.org:81/mcp", false],
])("%s that moves to %s is reached at %s, with its headers: %s", (url, location, moved, withHeaders) => {
  const endpoint = new Endpoint(url, { "X-Key": "1", Accept: "text/html" });
  endpoint.move(location);
  expect(endpoint.url.href).toBe(moved);
  expect(endpoint.headers).toEqual({ "user-agent": "lockstep", ...(withHeaders ? { "x-key": "1" } : {}) });
});

it("an encrypted address is not left for another server's unencrypted one", () => {
  const endpoint = new Endpoint("https://e.org/mcp", {});
  expect(() => endpoint.move("http://www.e.org/mcp")).toThrow("not encrypted");
});

it("a configured Authorization header counts more than a password in the URL", () => {
  const endpoint = new Endpoint("https://me:word@e.org", { Authorization: "Bearer x" });
  expect(endpoint.headers["authorization"]).toBe("Bearer x");
  expect(endpoint.url.href).toBe("https://e.org/");
});
