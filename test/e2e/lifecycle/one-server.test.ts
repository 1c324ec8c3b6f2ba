import { readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join, resolve } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import type { Notification } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect } from "vitest";

import { ensureDaemon } from "../../../src/client/ensure.js";
import { FRESH } from "../../../src/client/ensure-options.js";
import { createSdkTransport } from "../../../src/client/sdk/sdk-transport.js";
import { lockstepSpec } from "../../../src/client/spec/lockstep-spec.js";
import { it } from "../../fixtures/it/with-box.js";
import { until, type Sandbox } from "../../fixtures/sandbox.js";

const COUNTER = resolve("test/fixtures/servers/counter.mjs");
const counter = (env: Record<string, string> = {}): object => ({ command: process.execPath, args: [COUNTER], env });

it.beforeEach(({ box }) => box.writeServers({ good: counter(), broken: counter({ COUNTER_START: "exit" }) }));

/** A client of the running daemon, with what it is notified of. */
async function connect(box: Sandbox, lockstep?: object): Promise<{ client: Client; heard: Notification[] }> {
  const capabilities = lockstep === undefined ? {} : { experimental: { lockstep } };
  const client = new Client({ name: "test", version: "1" }, { capabilities });
  const heard: Notification[] = [];
  client.fallbackNotificationHandler = async (notification) => void heard.push(notification);
  await client.connect(createSdkTransport(createConnection(join(box.dir, "serve.sock"))));
  return { client, heard };
}

describe("a client of one hosted server", () => {
  it("a client's handshake fails with the reason when its server cannot be started, as it does directly", async ({
    box,
  }) => {
    await box.run(["start"]);
    await expect(connect(box, { server: "broken" })).rejects.toThrow(/broken.*exited with code 3/);
    await expect(connect(box, { server: "gone" })).rejects.toThrow('There is no server "gone"');
    const { client } = await connect(box, { server: "good" });
    expect(client.getInstructions()).toBe("Count on me.");
    await client.close();
  });

  it("a client hears heartbeats while it waits for its server's start, and the answer when the server has given its own", async ({
    box,
  }) => {
    box.writeServers({ slow: counter({ COUNTER_START: "signal" }) });
    await box.run(["start"]);
    const socket = createConnection(join(box.dir, "serve.sock"));
    let received = "";
    socket.on("data", (chunk: Buffer) => (received += chunk.toString()));
    const capabilities = { experimental: { lockstep: { role: "library", pid: process.pid, server: "slow" } } };
    const params = { protocolVersion: "2025-11-25", capabilities, clientInfo: { name: "test", version: "1" } };
    socket.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params })}\n`);
    await until("a heartbeat is heard", () => received.includes("notifications/lockstep/heartbeat"));
    expect(received).not.toContain('"result"');
    const [slow] = JSON.parse(readFileSync(join(box.dir, "children.json"), "utf8")) as { pid: number }[];
    process.kill(slow!.pid, "SIGUSR2");
    await until("initialize is answered", () => received.includes("Count on me."));
    socket.destroy();
  });

  it("a stale daemon is replaced although the client's server cannot be used", async ({ box }) => {
    const stale = await box.startStale();
    const facts = { codeDir: resolve("dist"), execPath: process.execPath, env: process.env, electron: false };
    const hello = { role: "library" as const, pid: process.pid, server: "broken" };
    const client = { clientInfo: { name: "test", version: "1" }, hello };
    const ensured = ensureDaemon(lockstepSpec(facts, box.dir), { ...FRESH, client, report: () => undefined });
    await expect(ensured).rejects.toMatchObject({ code: -32010, data: { delivered: false, server: "broken" } });
    expect(box.pid()).not.toBe(stale);
    expect(box.ledger().filter(({ did }) => did === "restart")).toHaveLength(1);
  });

  it("a client that sets the level debug gets no heartbeat as a log message, unless it is a client of the daemon itself", async ({
    box,
  }) => {
    await box.run(["start"]);
    const clients = [
      await connect(box, { server: "good" }),
      await connect(box, { server: "good", heartbeat: true }),
      await connect(box),
    ];
    for (const { client } of clients) await client.setLoggingLevel("debug");
    const alive = ({ heard }: { heard: Notification[] }): boolean =>
      heard.some(({ method, params }) => method === "notifications/message" && params?.["data"] === "alive");
    await until("the daemon's own clients hear the heartbeat", () => clients.slice(1).every(alive));
    // The connections get it in the order in which they were made.
    expect(alive(clients[0]!)).toBe(false);
    for (const { client } of clients) await client.close();
  });
});
