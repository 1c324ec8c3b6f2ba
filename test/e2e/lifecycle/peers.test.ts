import { spawn } from "node:child_process";
import { createConnection } from "node:net";
import { join, resolve } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { describe, expect } from "vitest";

import { ensureDaemon } from "../../../src/client/ensure.js";
import { FRESH } from "../../../src/client/ensure-options.js";
import { connectReconnecting } from "../../../src/client/follow/reconnecting-client.js";
import { createSdkTransport } from "../../../src/client/sdk/sdk-transport.js";
import type { DaemonSpec } from "../../../src/client/spec/daemon-spec.js";
import { lockstepSpec } from "../../../src/client/spec/lockstep-spec.js";
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

describe("the official SDK's Client over this library's connections", () => {
  const identity = {
    clientInfo: { name: "test", version: "1" },
    hello: { role: "library" as const, pid: process.pid, server: "memory" },
  };
  const specOf = (dir: string): DaemonSpec =>
    lockstepSpec({ codeDir: resolve("dist"), execPath: process.execPath, env: process.env, electron: false }, dir);

  it("the official SDK's client makes its calls on the connection that ensureDaemon returned", async ({ box }) => {
    const ensured = await ensureDaemon(specOf(box.dir), { ...FRESH, client: identity, report: () => undefined });
    const client = new Client({ name: "test", version: "1" });
    await client.connect(createSdkTransport(ensured));
    expect(client.getServerVersion()).toMatchObject({ name: expect.any(String) as string });
    expect(await client.callTool({ name: "read_graph", arguments: {} })).toMatchObject({ content: [{ type: "text" }] });
    await client.close();
  });

  it("the official SDK's client goes on through a restart over a reconnecting client", async ({ box }) => {
    const reconnecting = await connectReconnecting(specOf(box.dir), { client: identity });
    const client = new Client({ name: "test", version: "1" });
    await client.connect(createSdkTransport(reconnecting));
    const before = box.pid();
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain("read_graph");
    expect(await box.run(["restart"])).toMatchObject({ code: 0 });
    expect(await client.callTool({ name: "read_graph", arguments: {} })).toMatchObject({ content: [{ type: "text" }] });
    expect(box.pid()).not.toBe(before);
    await client.close();
  });
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
