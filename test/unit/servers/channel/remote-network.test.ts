import { expect, it } from "vitest";

import type { HostedServersOptions } from "../../../../src/servers/hosted-servers.js";
import { CERTIFICATE, events, json, listen, McpOverHttp, startProxy } from "../../../fixtures/servers/http-server.js";
import { freePort } from "../../../fixtures/servers/everything-over-http.js";
import { eventually, ServersUnderTest } from "../hosted.js";

/** The login environment of hosted servers. */
function login(env: Record<string, string>): Partial<HostedServersOptions> {
  return { env: async () => ({ PATH: process.env["PATH"]!, HOME: process.env["HOME"] ?? "/", ...env }) };
}

it("a remote server is reached through the login environment's proxy, whose password is not shown", async () => {
  const server = await McpOverHttp.start();
  const proxy = await startProxy(`Basic ${Buffer.from("me:s3cret-word").toString("base64")}`);
  const env = { HTTP_PROXY: proxy.origin.replace("//", "//me:s3cret-word@") };
  const url = `http://mcp.example.invalid:${server.port}/mcp`;
  const under = new ServersUnderTest({ far: { url } }, login(env));
  expect(await under.connect("far").call("x")).toBe("done");
  expect(proxy.asked).toContain(`POST ${url}`);
  expect(JSON.stringify(under.log)).not.toContain("s3cret");
});

it("a proxy is not used for what no_proxy names", async () => {
  const server = await McpOverHttp.start();
  const env = { http_proxy: `http://127.0.0.1:${await freePort()}`, no_proxy: "example.org,127.0.0.0/8" };
  expect(await new ServersUnderTest({ far: { url: server.url } }, login(env)).connect("far").call("x")).toBe("done");
});

it("an https server is reached through a tunnel, and trusted by NODE_EXTRA_CA_CERTS of the login environment", async () => {
  const server = await McpOverHttp.start(undefined, { secure: true });
  const proxy = await startProxy();
  const env = { https_proxy: proxy.origin, NODE_EXTRA_CA_CERTS: CERTIFICATE };
  const url = `https://mcp.example.invalid:${server.port}/mcp`;
  expect(await new ServersUnderTest({ far: { url } }, login(env)).connect("far").call("x")).toBe("done");
  expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT mcp.example.invalid:${server.port}`]));
});

it("an https server is trusted by SSL_CERT_FILE of the login environment", async () => {
  const server = await McpOverHttp.start(undefined, { secure: true });
  const under = new ServersUnderTest({ far: { url: server.url } }, login({ SSL_CERT_FILE: CERTIFICATE }));
  expect(await under.connect("far").call("x")).toBe("done");
});

it("a certificate that is not trusted is named, with what can be done, and nothing was sent", async () => {
  const server = await McpOverHttp.start(undefined, { secure: true });
  const env = { NODE_EXTRA_CA_CERTS: "/does/not/exist.pem" };
  const under = new ServersUnderTest({ far: { url: server.url } }, login(env));
  const answer = await under.connect("far").request("tools/call", { name: "x" });
  expect(answer.error).toMatchObject({ code: -32010, data: { delivered: false } });
  expect(answer.error?.message).toContain("its certificate is not trusted");
  expect(answer.error?.message).toContain("NODE_EXTRA_CA_CERTS=FILE");
  expect(under.log.join("\n")).toContain("names /does/not/exist.pem, which cannot be read: ENOENT");
  expect(server.posts).toEqual([]);
});

it("a proxy that refuses is named", async () => {
  const proxy = await startProxy("Basic other");
  const env = { https_proxy: proxy.origin };
  const under = new ServersUnderTest({ far: { url: "https://mcp.example.invalid/mcp" } }, login(env));
  const answer = await under.connect("far").request("tools/list");
  expect(answer.error?.message).toContain(`through the proxy 127.0.0.1:${proxy.port}`);
  expect(answer.error?.message).toContain("HTTP 407");
});

it("a user and password in the URL become a header, and are not shown", async () => {
  const seen: unknown[] = [];
  const server = await McpOverHttp.start(({ request }) => {
    seen.push(request.headers.authorization);
    return false;
  });
  const url = server.url.replace("//", "//me:s3cret%40word@");
  const under = new ServersUnderTest({ far: { url } });
  expect(await under.connect("far").call("x")).toBe("done");
  expect(new Set(seen)).toEqual(new Set([`Basic ${Buffer.from("me:s3cret@word").toString("base64")}`]));
  expect(JSON.stringify(under.log)).not.toContain("s3cret");
});

it.each([301, 302, 307, 308])("a redirect with %d is followed with method, body and headers", async (status) => {
  let redirects = 0;
  const server = await McpOverHttp.start(({ message, request, response }) => {
    if (request.url === "/mcp/") return false;
    redirects++;
    response.writeHead(status, { location: "/mcp/" }).end();
    return message !== undefined;
  });
  const under = new ServersUnderTest({ far: { url: server.url, headers: { "X-Key": "s3cret-key" } } });
  expect(await under.connect("far").call("x")).toBe("done");
  expect(server.posts.at(-1)?.request.headers["x-key"]).toBe("s3cret-key");
  // Its address is known from then on.
  expect(redirects).toBe(1);
});

it("a redirect to another server does not take the configured headers along", async () => {
  const other = await McpOverHttp.start();
  const { origin } = await listen((_, response) => response.writeHead(307, { location: other.url }).end());
  const entry = { url: `${origin.replace("//", "//me:s3cret-word@")}/mcp`, headers: { "X-Key": "s3cret-key" } };
  expect(await new ServersUnderTest({ far: entry }).connect("far").call("x")).toBe("done");
  const headers = JSON.stringify(other.posts.map(({ request }) => request.rawHeaders));
  expect(headers).not.toContain("s3cret");
  expect(headers.toLowerCase()).not.toContain("authorization");
});

it.each([
  ["without end", "/mcp", "redirected more than 5 times"],
  ["to another program", "file:///etc/passwd", "named an address with file:"],
])("a redirect %s is an error", async (_, location, words) => {
  const { origin } = await listen((_request, response) => response.writeHead(307, { location }).end());
  const answer = await new ServersUnderTest({ far: { url: `${origin}/mcp` } }).connect("far").request("tools/list");
  expect(answer.error).toMatchObject({ code: -32010, data: { delivered: false } });
  expect(answer.error?.message).toContain(words);
});

it("a header that cannot be sent is named without its value", async () => {
  const server = await McpOverHttp.start();
  const under = new ServersUnderTest({ far: { url: server.url, headers: { Authorization: "Bearer s3cret\nword" } } });
  const answer = await under.connect("far").request("tools/list");
  expect(answer.error?.message).toContain("headers.Authorization");
  expect(JSON.stringify([answer, under.log])).not.toContain("s3cret");
});

it("more than 300 calls at once to a remote server are all answered, with a bounded number of connections", async () => {
  let open = 0;
  let most = 0;
  const held: (() => void)[] = [];
  const server = await McpOverHttp.start(({ message, response }) => {
    if (message.method !== "tools/call") return false;
    most = Math.max(most, ++open);
    held.push(() => {
      open--;
      json(response, { jsonrpc: "2.0", id: message.id, result: { content: [{ type: "text", text: "done" }] } });
    });
    return true;
  });
  const client = new ServersUnderTest({ far: { url: server.url } }).connect("far");
  await client.request("tools/list");
  const calls = Array.from({ length: 400 }, () => client.call("x"));
  await eventually(() => expect(open).toBe(256));
  const releasing = setInterval(() => held.splice(0).forEach((release) => release()), 5);
  expect(new Set(await Promise.all(calls))).toEqual(new Set(["done"]));
  clearInterval(releasing);
  expect(most).toBe(256);
});

it("a call that was cancelled before it left is never sent", async () => {
  const held: (() => void)[] = [];
  const server = await McpOverHttp.start(({ message, response }) => {
    if (message.params?.name !== "held") return false;
    events(response);
    held.push(() => void response.end());
    return true;
  });
  const client = new ServersUnderTest({ far: { url: server.url } }).connect("far");
  await client.request("tools/list");
  for (let count = 0; count < 256; count++) void client.request("tools/call", { name: "held" });
  void client.request("tools/call", { name: "late" }, "late");
  await eventually(() => expect(held).toHaveLength(256));
  client.notify("notifications/cancelled", { requestId: "late" });
  for (const end of held) end();
  expect(await client.call("last")).toBe("done");
  expect(server.posts.map(({ message }) => message.params?.name)).not.toContain("late");
  expect(server.methods()).not.toContain("notifications/cancelled");
});

it("a client's notifications take a bounded number of connections, and its answers do not wait for its requests", async () => {
  let open = 0;
  let most = 0;
  const held: (() => void)[] = [];
  const server = await McpOverHttp.start(({ message, response }) => {
    if (message.method !== "notifications/vendor") return false;
    most = Math.max(most, ++open);
    held.push(() => {
      open--;
      response.writeHead(202).end();
    });
    return true;
  });
  const under = new ServersUnderTest({ far: { url: server.url, lockstep: { share: "session" } } });
  const client = under.connect("far");
  await client.request("tools/list");
  for (let count = 0; count < 200; count++) client.notify("notifications/vendor", { count });
  await eventually(() => expect(open).toBe(64));
  expect(await client.call("x")).toBe("done");
  const releasing = setInterval(() => held.splice(0).forEach((release) => release()), 5);
  await eventually(() => {
    expect(server.methods().filter((method) => method === "notifications/vendor")).toHaveLength(200);
  });
  clearInterval(releasing);
  held.splice(0).forEach((release) => release());
  expect(most).toBe(64);
});

it("a refusal whose body never ends is an error all the same", async () => {
  const server = await McpOverHttp.start(({ message, response }) => {
    if (message.method !== "tools/call") return false;
    response.writeHead(429, { "content-type": "text/plain" });
    response.write("too many");
    return true;
  });
  const client = new ServersUnderTest({ far: { url: server.url } }).connect("far");
  const answer = await client.request("tools/call", { name: "x" });
  expect(answer.error).toMatchObject({ code: -32010, data: { delivered: false } });
  expect(answer.error?.message).toContain("HTTP 429");
});
