import { spawn } from "node:child_process";
import { createConnection } from "node:net";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { describe, expect } from "vitest";

import { createSdkTransport } from "../../../src/wire/sdk-transport.js";
import { it } from "../../fixtures/it/with-box.js";
import { until } from "../../fixtures/sandbox.js";

it.beforeEach(async ({ box }) => {
  await box.run(["start"]);
});

interface Message {
  id?: number;
  result?: Record<string, unknown>;
  error?: { code: number; message: string };
}

describe("the official SDK's Client over our Transport", () => {
  it.for<[string, object | undefined, string]>([
    ["one hosted server", { role: "library", pid: process.pid, server: "memory" }, "read_graph"],
    ["all of them", undefined, "memory__read_graph"],
  ])(
    "the official SDK's client over our transport completes initialize, tools/list and tools/call with %s",
    async ([_whom, lockstep, tool], { box }) => {
      const client = new Client(
        { name: "test", version: "1" },
        { capabilities: lockstep === undefined ? {} : { experimental: { lockstep } } },
      );
      await client.connect(createSdkTransport(createConnection(join(box.dir, "serve.sock"))));
      expect(client.getServerVersion()).toEqual({ name: "lockstep", version: box.version() });
      expect((await client.listTools()).tools.map(({ name }) => name)).toContain(tool);
      expect(await client.callTool({ name: tool, arguments: {} })).toMatchObject({ content: [{ type: "text" }] });
      await client.close();
    },
  );
});

describe("nc -U", () => {
  it("nc -U completes initialize, tools/list and tools/call", async ({ box }) => {
    const nc = box.track(spawn("nc", ["-U", join(box.dir, "serve.sock")], { stdio: ["pipe", "pipe", "inherit"] }));
    let received = "";
    nc.stdout?.on("data", (chunk: Buffer) => (received += chunk.toString()));
    const answer = (id: number): Promise<Message | undefined> =>
      until(`nc has the answer ${id}`, () =>
        received
          .split("\n")
          .slice(0, -1)
          .map((line) => JSON.parse(line) as Message)
          .find((message) => message.id === id),
      );
    const say = (message: object): void => void nc.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);

    say({ id: 0, method: "tools/list" });
    expect((await answer(0))?.error?.message).toContain("initialize");
    const hello = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "nc", version: "1" } };
    say({ id: 1, method: "initialize", params: hello });
    expect((await answer(1))?.result).toMatchObject({
      serverInfo: { name: "lockstep", version: box.version() },
      capabilities: { experimental: { lockstep: { protocol: 1, pid: box.pid(), heartbeatMs: 2_000 } } },
    });
    say({ method: "notifications/initialized" });
    say({ id: 2, method: "tools/list" });
    expect(JSON.stringify((await answer(2))?.result)).toContain("memory__read_graph");
    say({ id: 3, method: "tools/call", params: { name: "memory__read_graph", arguments: {} } });
    expect(JSON.stringify((await answer(3))?.result)).toContain("entities");
  });
});
