import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";

import { freePort, startEverything } from "../../../fixtures/servers/everything-over-http.js";
import { eventually, ServersUnderTest, type Message } from "../hosted.js";

async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

/**
 * A small MCP server over HTTP, whose sessions are "session 1", "session 2" and so on. `handle` gets each request first
 * and returns true when it dealt with it.
 */
function listenForMcp(
  handle: (message: Message, request: IncomingMessage, response: ServerResponse) => boolean,
): Promise<string> {
  let sessions = 0;
  return listen((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const message = JSON.parse(body || "{}") as Message;
      const { id, method, params } = message;
      if (id === undefined) return void response.writeHead(request.method === "GET" ? 405 : 202).end();
      if (handle(message, request, response)) return;
      const hello = {
        protocolVersion: params?.["protocolVersion"],
        capabilities: {},
        serverInfo: { name: "x", version: "1" },
      };
      const result = method === "initialize" ? hello : { content: [{ type: "text", text: "done" }] };
      const session = method === "initialize" ? { "mcp-session-id": `session ${++sessions}` } : {};
      response.writeHead(200, { "content-type": "application/json", ...session });
      response.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
    });
  });
}

it("a remote server is used like a local one, with progress and requests by the server", async () => {
  const port = await freePort();
  await startEverything(port);
  const under = new ServersUnderTest({ far: { url: `http://127.0.0.1:${port}/mcp` } });
  const client = under.connect("far", { capabilities: { sampling: {} } });
  expect(await client.call("echo", { message: "hello" })).toBe("Echo: hello");
  const params = { name: "trigger-long-running-operation", arguments: { duration: 0.2, steps: 2 } };
  await client.request("tools/call", { ...params, _meta: { progressToken: "mine" } });
  expect(client.heard("notifications/progress").map((message) => message.params?.["progressToken"])).toContain("mine");
  expect(under.status("far")).toMatchObject({ state: "ready", pid: null });
});

it("a remote server that was restarted and forgot the session is initialized again, and the call is not lost", async () => {
  const port = await freePort();
  const first = await startEverything(port);
  const under = new ServersUnderTest({ far: { url: `http://127.0.0.1:${port}/mcp` } });
  const client = under.connect("far");
  await client.call("echo", { message: "1" });
  await first.kill();
  await startEverything(port);
  expect(await client.call("echo", { message: "2" })).toBe("Echo: 2");
});

it("a remote server that cannot be reached is named in the error, without secrets of its URL", async () => {
  const port = await freePort();
  const under = new ServersUnderTest({ far: { url: `http://127.0.0.1:${port}/mcp?key=s3cret-key` } });
  const answer = await under.connect("far").request("tools/list");
  expect(answer.error).toMatchObject({ code: -32010, data: { delivered: false } });
  expect(answer.error?.message).toContain(`cannot be reached at http://127.0.0.1:${port} (ECONNREFUSED)`);
  expect(JSON.stringify([answer, under.log])).not.toContain("s3cret");
});

it("a remote server gets the configured headers, which errors and the log do not repeat", async () => {
  const seen: unknown[] = [];
  const url = await listen((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(401).end(`bad key ${request.headers.authorization}`);
  });
  const under = new ServersUnderTest({ far: { url, headers: { Authorization: "Bearer s3cret-key" } } });
  const answer = await under.connect("far").request("tools/list");
  expect(seen).toContain("Bearer s3cret-key");
  expect(answer.error?.message).toContain("refused the request with HTTP 401");
  expect(JSON.stringify([answer, under.log])).not.toContain("s3cret");
});

it("a connection that breaks in the middle of a call leaves the call's outcome unknown", async () => {
  const url = await listenForMcp(({ method }, _request, response) => {
    if (method !== "tools/call") return false;
    response.destroy();
    return true;
  });
  const under = new ServersUnderTest({ far: { url } });
  const answer = await under.connect("far").request("tools/call", { name: "x" });
  expect(answer.error).toMatchObject({ code: -32011, data: { delivered: true, outcome: "unknown" } });
});

it("a remote server is not reached with requests that need no handshake", async () => {
  const url = await listen((_request, response) => void response.writeHead(500).end());
  const under = new ServersUnderTest({ far: { url } });
  const answer = await under.connect("far").request("server/discover");
  expect(answer.error).toMatchObject({ code: -32601 });
});

it("a request that a forgotten session turned away is sent again, although others were sent after it", async () => {
  let turnAway: (() => void) | undefined;
  const url = await listenForMcp(({ method, params }, request, response) => {
    if (method !== "tools/call" || request.headers["mcp-session-id"] !== "session 1") return false;
    if (params?.["name"] === "early") turnAway = () => response.writeHead(404).end();
    else turnAway?.();
    return true;
  });
  const under = new ServersUnderTest({ far: { url } });
  const client = under.connect("far");
  const early = client.call("early");
  await eventually(() => expect(turnAway).toBeDefined());
  const late = client.request("tools/call", { name: "late" });
  expect(await early).toBe("done");
  expect((await late).error).toMatchObject({ code: -32011, data: { outcome: "unknown" } });
});
