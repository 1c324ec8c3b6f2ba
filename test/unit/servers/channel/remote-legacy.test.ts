import type { IncomingMessage, ServerResponse } from "node:http";

import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";
import { expect, it } from "vitest";

import { events, listen } from "../../../fixtures/servers/http-server.js";
import { eventually, ServersUnderTest } from "../hosted.js";

/** A server of the older transport at `/sse`, made with the SDK. `end` ends its streams. */
async function startLegacy(): Promise<{ url: string; requests: string[]; end: () => void }> {
  const requests: string[] = [];
  const transports = new Map<string, SSEServerTransport>();
  const onRequest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests.push(`${request.method} ${request.url?.split("?")[0]}`);
    const { pathname, searchParams } = new URL(request.url!, "http://localhost");
    if (request.method === "GET" && pathname === "/sse") {
      const transport = new SSEServerTransport("/messages", response);
      transports.set(transport.sessionId, transport);
      const server = new McpServer({ name: "legacy", version: "1" });
      server.registerTool("echo", { description: "" }, (extra) => ({
        content: [{ type: "text", text: `for ${String(extra.requestId)}` }],
      }));
      await server.connect(transport);
    } else if (request.method === "POST" && pathname === "/messages") {
      await transports.get(searchParams.get("sessionId") ?? "")?.handlePostMessage(request, response);
    } else response.writeHead(404).end(`<html>Cannot ${request.method} ${request.url}</html>`);
  };
  const { origin } = await listen((request, response) => void onRequest(request, response));
  const end = (): void => transports.forEach((transport) => void transport.close());
  return { url: `${origin}/sse`, requests, end };
}

it.each([
  ["that an entry names", { type: "sse" }],
  ["that refuses Streamable HTTP", {}],
])("a server of the older transport %s is used", async (_, entry) => {
  const { url, requests } = await startLegacy();
  const client = new ServersUnderTest({ far: { url, ...entry } }).connect("far");
  expect(await client.call("echo")).toMatch(/^for \d+$/);
  expect(requests.filter((request) => request === "POST /sse")).toHaveLength("type" in entry ? 0 : 1);
});

it("a server of the older transport whose stream ended is used again at once", async () => {
  const { url, end, requests } = await startLegacy();
  const under = new ServersUnderTest({ far: { url, type: "sse" } });
  const client = under.connect("far");
  await client.call("echo");
  end();
  await eventually(() => expect(requests.filter((request) => request === "GET /sse")).toHaveLength(2));
  expect(await client.call("echo")).toMatch(/^for \d+$/);
});

it("an address that knows neither transport is said to be unknown, without its page for people", async () => {
  const { origin } = await listen((_, response) => response.writeHead(404).end("<html>s3cret-path is not here</html>"));
  const under = new ServersUnderTest({ far: { url: `${origin}/s3cret-path/mcp` } });
  const answer = await under.connect("far").request("tools/list");
  expect(answer.error?.message).toContain(`does not know the address at ${origin} (HTTP 404)`);
  expect(JSON.stringify([answer, under.log])).not.toContain("s3cret");
});

it("an address for messages at another server is refused", async () => {
  const { origin } = await listen((_, response) => {
    events(response);
    response.write("event: endpoint\ndata: http://e.org/messages\n\n");
  });
  const under = new ServersUnderTest({ far: { url: `${origin}/sse`, type: "sse" } });
  const answer = await under.connect("far").request("tools/list");
  expect(answer.error?.message).toContain("another server, http://e.org");
});
