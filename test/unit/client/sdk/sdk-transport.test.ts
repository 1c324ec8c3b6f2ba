import { createInterface } from "node:readline";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, it } from "vitest";

import { createSdkTransport } from "../../../../src/client/sdk/sdk-transport.js";
import { eventually } from "../../wire/eventually.js";
import { socketPair } from "../../wire/socket-pair.js";

describe("the SDK's transport over a socket", () => {
  it("the SDK's transport connects the SDK's Client and Server over a socket", async () => {
    const [near, far] = await socketPair();
    const server = echoServer();
    const client = new Client({ name: "test", version: "1" });
    await Promise.all([server.connect(createSdkTransport(far)), client.connect(createSdkTransport(near))]);
    expect(client.getServerVersion()).toMatchObject({ name: "echo", version: "2" });
    expect((await client.listTools()).tools.map((tool) => tool.name)).toEqual(["echo"]);
    const text = "x".repeat(2_000_000);
    expect(await client.callTool({ name: "echo", arguments: { text } })).toEqual({ content: [{ type: "text", text }] });
    const closed = new Promise<void>((resolve) => (server.onclose = resolve));
    await client.close();
    await closed;
    expect(near.destroyed).toBe(true);
  });

  it("the SDK's transport gives the SDK's client the progress that comes in one packet with the answer", async () => {
    const [near, far] = await socketPair();
    const client = new Client({ name: "test", version: "1" });
    const hello = { protocolVersion: "2025-11-25", capabilities: {}, serverInfo: { name: "n", version: "1" } };
    createInterface({ input: far }).on("line", (line) => {
      const { id, method } = JSON.parse(line) as { id?: number; method: string };
      if (id === undefined) return;
      const steps = [1, 2].map((progress) => {
        return { method: "notifications/progress", params: { progressToken: id, progress } };
      });
      const messages = method === "ping" ? [...steps, { id, result: {} }] : [{ id, result: hello }];
      far.write(messages.map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`).join(""));
    });
    await client.connect(createSdkTransport(near));
    const steps: number[] = [];
    await client.ping({ onprogress: ({ progress }) => steps.push(progress) });
    expect(steps).toEqual([1, 2]);
    await client.close();
  });

  it("the SDK's transport rejects open and later requests when the other side hangs up", async () => {
    const [near, far] = await socketPair();
    const server = echoServer();
    const client = new Client({ name: "test", version: "1" });
    await Promise.all([server.connect(createSdkTransport(far)), client.connect(createSdkTransport(near))]);
    const asked = client.callTool({ name: "hang up", arguments: {} });
    const lost = expect(asked).rejects.toThrow("Connection closed");
    await server.close();
    await lost;
    await expect(client.ping()).rejects.toThrow("Not connected");
  });

  it("the SDK's transport reports bytes that are not JSON and closes", async () => {
    const [near, far] = await socketPair();
    const transport = createSdkTransport(near);
    const events: string[] = [];
    transport.onmessage = (message) => events.push(JSON.stringify(message));
    transport.onerror = (error) => events.push(error.message);
    transport.onclose = () => events.push("closed");
    await transport.start();
    far.end("nonsense\n");
    await eventually(() => expect(events).toEqual(["A message is not JSON.", "closed"]));
    await expect(transport.send({ jsonrpc: "2.0", method: "x" })).rejects.toThrow("The connection is closed.");
  });

  it("the SDK's transport can be closed before it was started, but not be started twice", async () => {
    const [near] = await socketPair();
    const transport = createSdkTransport(near);
    await transport.close();
    expect(near.destroyed).toBe(true);
    await expect(transport.start()).rejects.toThrow("already started");
  });
});

function echoServer(): Server {
  const server = new Server({ name: "echo", version: "2" }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [{ name: "echo", inputSchema: { type: "object" } }],
  }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
    if (params.name !== "echo") return new Promise(() => {});
    return { content: [{ type: "text", text: String(params.arguments?.["text"]) }] };
  });
  return server;
}
