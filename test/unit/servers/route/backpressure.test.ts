import { describe, expect, it } from "vitest";

import { counter, eventually, ServersUnderTest } from "../hosted.js";

const MIB = 1024 * 1024;

describe("a client that does not read", () => {
  it("neither slows a shared server down nor keeps its answers from others, whether they came before or after it", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const stuck = under.connect("one", { reading: false });
    for (let call = 0; call < 10; call++) {
      stuck.send({ id: call, method: "tools/call", params: { name: "large", arguments: { bytes: MIB } } });
    }
    await eventually(() => expect(stuck.buffered).toBeGreaterThan(10 * MIB));
    expect(await under.connect("one").call("echo")).toBe("{}");
    expect(stuck.killed).toBeUndefined();
  });

  it("slows a server down that is its own, instead of filling the memory", async () => {
    const under = new ServersUnderTest({ one: counter({}, { share: "session" }) });
    const client = under.connect("one", { reading: false });
    for (let call = 0; call < 40; call++) {
      client.send({ id: call, method: "tools/call", params: { name: "large", arguments: { bytes: 2 * MIB } } });
    }
    await eventually(() => expect(client.buffered).toBeGreaterThan(MIB));
    // One answer more may be on its way; the rest stays with the server.
    const pid = under.children[0]?.pid;
    await eventually(() => expect(pid).toBeDefined());
    expect(client.killed).toBeUndefined();
    expect(client.buffered).toBeLessThan(16 * MIB);
    expect(under.servers.inFlight).toBeGreaterThan(30);
  });
});

describe("a server that does not read", () => {
  const deaf = {
    command: process.execPath,
    args: [
      "-e",
      `process.stdin.once("data", (line) => {
        process.stdin.pause();
        const { id } = JSON.parse(line);
        const result = { protocolVersion: "2025-11-25", capabilities: {}, serverInfo: { name: "deaf", version: "1" } };
        process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, result }) + "\\n");
        process.on("SIGUSR2", () => process.stdin.resume());
        setInterval(() => {}, 1000);
      })`,
    ],
  };

  it("keeps its client from being read until there is room again", async () => {
    const under = new ServersUnderTest({ one: deaf });
    const client = under.connect("one");
    await client.session.offer();
    const params = { name: "x", arguments: { text: "x".repeat(MIB) } };
    client.send({ id: 1, method: "tools/call", params });
    expect(client.paused).toBe(true);
    process.kill(under.children[0]!.pid, "SIGUSR2");
    await eventually(() => expect(client.paused).toBe(false));
  });

  it("keeps its client from being read while it starts, so that memory does not fill", async () => {
    const under = new ServersUnderTest({ one: counter({ COUNTER_START: "slow" }) });
    const client = under.connect("one");
    await under.servers.loaded();
    const params = { name: "echo", arguments: { text: "x".repeat(MIB) } };
    const calls = Array.from({ length: 5 }, () => client.request("tools/call", params));
    expect(client.paused).toBe(true);
    await Promise.all(calls);
    expect(client.paused).toBe(false);
  });
});
