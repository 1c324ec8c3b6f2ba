import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { expect } from "vitest";

import { createSdkTransport } from "../../../src/client/sdk/sdk-transport.js";
import { it } from "../../fixtures/it/with-box.js";
import type { Sandbox } from "../../fixtures/sandbox.js";
import { McpOverHttp, startProxy } from "../../fixtures/servers/http-server.js";

function configure(box: Sandbox, url: string): void {
  mkdirSync(box.dir, { recursive: true, mode: 0o700 });
  writeFileSync(join(box.dir, "servers.json"), JSON.stringify({ mcpServers: { far: { url } } }));
}

it("a daemon whose files an upgrade has replaced can still reach a remote server", async ({ box }) => {
  const server = await McpOverHttp.start();
  configure(box, server.url);
  const root = box.installation("old");
  await box.run(["start"], { from: root });
  for (const file of readdirSync(root).filter((name) => name.endsWith(".js"))) {
    writeFileSync(join(root, file), 'throw new Error("the code of another build");');
  }
  const lockstep = { role: "library", pid: process.pid, server: "far" };
  const client = new Client({ name: "test", version: "1" }, { capabilities: { experimental: { lockstep } } });
  await client.connect(createSdkTransport(createConnection(join(box.dir, "serve.sock"))));
  expect(await client.callTool({ name: "x" })).toMatchObject({ content: [{ text: "done" }] });
  await client.close();
});

it("a remote server is reached through the proxy of the login shell, whatever the daemon was started with", async ({
  box,
}) => {
  const server = await McpOverHttp.start();
  const proxy = await startProxy();
  const url = `http://mcp.example.invalid:${server.port}/mcp`;
  configure(box, url);
  const home = join(box.root, "home");
  mkdirSync(home);
  writeFileSync(join(home, ".profile"), `export http_proxy=${proxy.origin}\n`);
  const env = { HOME: home, SHELL: "/bin/sh", no_proxy: "*", HTTP_PROXY: "http://127.0.0.1:1" };
  expect(await box.run(["call", "far", "x", "{}"], { env })).toMatchObject({ code: 0, stdout: "done\n" });
  expect(proxy.asked).toContain(`POST ${url}`);
});
