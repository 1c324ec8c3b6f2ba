import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { expect } from "vitest";

import { BridgeHost, textOf } from "../../fixtures/bridge-host.js";
import { it } from "../../fixtures/it/with-counter.js";
import { counter, executions } from "../../fixtures/servers/counting-server.js";
import { isAlive, signal, until } from "../../fixtures/sandbox.js";

it("a host keeps its connection and its tools while the daemon is restarted, killed and stopped", async ({ box }) => {
  const host = new BridgeHost(box);
  await host.initialize();
  expect(await host.call("counter__echo", { step: "started" })).toBe('{"step":"started"}');

  const first = box.pid();
  expect((await box.run(["restart"])).code).toBe(0);
  expect(await host.call("counter__echo", { step: "restarted" })).toBe('{"step":"restarted"}');
  expect(box.pid()).not.toBe(first);

  const second = box.pid();
  signal(second, "SIGKILL");
  await until("the killed daemon is gone", () => !isAlive(second));
  // The bridge has noticed it when it can be asked for something else.
  await host.request("ping");
  expect(await host.call("counter__echo", { step: "killed" })).toMatch(/^(\{"step":"killed"\}|!Outcome unknown)/);
  expect(await host.call("counter__echo", { step: "again" })).toBe('{"step":"again"}');

  expect((await box.run(["stop"])).code).toBe(0);
  expect(await host.call("counter__echo", { step: "stopped" })).toBe('{"step":"stopped"}');
  const { tools } = (await host.request("tools/list")).result as { tools: { name: string }[] };
  expect(tools.map(({ name }) => name)).toContain("counter__echo");
  expect(host.ended).toBeUndefined();
});

it("a bridge does not start a stopped daemon until its host asks for something", async ({ box }) => {
  const host = new BridgeHost(box, ["counter"]);
  await host.initialize();
  await box.run(["stop"]);
  await host.request("ping");
  expect((await box.run(["status"])).code).toBe(1);
  expect(await host.call("echo", {})).toBe("{}");
});

it("a bridge follows the daemon of an upgrade, and never replaces one", async ({ box }) => {
  const old = box.installation("app", { version: "1.0.0", buildId: "a" });
  const host = new BridgeHost(box, ["counter"], { from: old });
  await host.initialize();
  box.setBuildInfo(old, { version: "2.0.0", buildId: "b" });
  await host.call("echo");
  expect(box.ledger().map(({ did }) => did)).not.toContain("restart");
  expect((await box.run(["call", "counter", "echo"], { from: old })).code).toBe(0);
  expect(await host.call("echo", { by: "bridge" })).toBe('{"by":"bridge"}');
  expect(box.ledger().filter(({ did }) => did === "restarted" || did === "restart")).toHaveLength(1);
  expect((await box.run(["status", "--version", "--json"], { from: old })).stdout).toContain("2.0.0");
});

it("a call that was under way when the daemon was killed is answered once, as unknown, and runs once", async ({
  box,
  counted,
}) => {
  const host = new BridgeHost(box, ["counter"]);
  await host.initialize();
  const id = host.send("tools/call", { name: "slow", arguments: { ms: 60_000, id: "cut" } });
  await until("the call runs", () => executions(counted, "slow").length === 1);
  signal(box.pid(), "SIGKILL");
  const answer = await host.answer(id);
  expect(textOf(answer)).toMatch(/^!Outcome unknown: the daemon ended/);
  expect(answer.result?.["_meta"]).toMatchObject({ "lockstep/error": { delivered: true, outcome: "unknown" } });
  expect(await host.call("echo")).toBe("{}");
  expect(host.messages.filter((message) => message.id === id)).toHaveLength(1);
  expect(executions(counted, "slow")).toHaveLength(1);
});

it("a call of a host whose daemon is being restarted waits for the next one", async ({ box, counted }) => {
  const host = new BridgeHost(box, ["counter"]);
  await host.initialize();
  await host.call("echo");
  const restart = box.run(["restart"]);
  const ids = Array.from({ length: 40 }, () => host.send("tools/call", { name: "echo", arguments: { n: 1 } }));
  await restart;
  const later = Array.from({ length: 10 }, () => host.send("tools/call", { name: "echo", arguments: { n: 1 } }));
  for (const id of [...ids, ...later]) expect(textOf(await host.answer(id))).toBe('{"n":1}');
  expect(executions(counted, "echo")).toHaveLength(51);
});

it("a request that the host cancels gets no answer, and its server learns of it", async ({ box, counted }) => {
  const host = new BridgeHost(box, ["counter"]);
  await host.initialize();
  const id = host.send("tools/call", { name: "slow", arguments: { ms: 300, id: "late" } });
  await until("the call runs", () => executions(counted, "slow").length === 1);
  host.write({ method: "notifications/cancelled", params: { requestId: id } });
  expect(await host.call("slow", { ms: 600, id: "after" })).toContain("after");
  expect(host.messages.filter((message) => message.id === id)).toEqual([]);
  // Hosts were seen to cancel what is answered, and what they never asked for.
  host.write({ method: "notifications/cancelled", params: { requestId: 9_999 } });
  expect(await host.call("echo")).toBe("{}");
});

it("a newer host's server/discover is refused at once, and initialize follows on the same pipe", async ({ box }) => {
  const host = new BridgeHost(box, ["counter"]);
  host.write({ id: "probe", method: "server/discover", params: {} });
  host.write({ id: 0, method: "tools/list", params: {} });
  const result = await host.initialize({}, "2025-06-18");
  expect((await host.answer("probe")).error?.code).toBe(-32601);
  expect((await host.answer(0)).error).toMatchObject({ code: -32600 });
  expect(result).toMatchObject({ protocolVersion: "2025-06-18" });
  expect((await host.request("initialize", {})).error?.message).toContain("twice");
});

it("a host of one server sees that server's own name, version and instructions once these are known", async ({
  box,
}) => {
  const first = new BridgeHost(box, ["counter"]);
  expect(await first.initialize()).toMatchObject({ serverInfo: { name: "lockstep" } });
  await first.call("echo");
  const result = await new BridgeHost(box, ["counter"]).initialize();
  expect(result).toMatchObject({
    serverInfo: { name: "counter", version: "1.0.0" },
    instructions: "Count on me.",
    capabilities: {
      tools: { listChanged: true },
      resources: { subscribe: true, listChanged: true },
      experimental: { lockstep: { pid: box.pid() } },
    },
  });
});

it("a bridge to a server that is not configured says so in every answer, and does not end", async ({ box }) => {
  const host = new BridgeHost(box, ["cuonter"]);
  await host.initialize();
  expect(await host.call("echo")).toContain('There is no server "cuonter" in servers.json');
  expect(await host.call("echo")).toContain('Did you mean "counter"?');
  expect(host.ended).toBeUndefined();
});

it("a question that was open when its daemon ended is taken back, and its late answer reaches no other daemon", async ({
  box,
}) => {
  const host = new BridgeHost(box, ["counter"]);
  await host.initialize({ elicitation: {} });
  const asking = host.send("tools/call", { name: "ask", arguments: { method: "elicitation/create", params: {} } });
  const question = await until("the question is there", () =>
    host.messages.find(({ method }) => method === "elicitation/create"),
  );
  signal(box.pid(), "SIGKILL");
  await host.answer(asking);
  const taken = await until("it is taken back", () =>
    host.messages.find(({ method }) => method === "notifications/cancelled"),
  );
  expect(taken.params).toMatchObject({ requestId: question.id });
  host.write({ id: question.id, result: { action: "accept" } });
  const again = host.send("tools/call", { name: "ask", arguments: { method: "elicitation/create", params: {} } });
  const second = await until("the second question is there", () =>
    host.messages.find(({ method, id }) => method === "elicitation/create" && id !== question.id),
  );
  host.write({ id: second.id, result: { action: "decline" } });
  expect(textOf(await host.answer(again))).toBe('{"action":"decline"}');
});

it.for(["SIGTERM", "SIGINT", "SIGHUP"] as const)("a bridge ends at %s", async (name, { box }) => {
  const host = new BridgeHost(box);
  await host.initialize();
  host.process.kill(name);
  await once(host.process, "exit");
});

it("a bridge ends when its host closes its end, even if that reads nothing", async ({ box }) => {
  const host = new BridgeHost(box, ["counter"]);
  await host.initialize();
  await host.call("echo");
  host.process.stdout?.pause();
  for (let call = 0; call < 20; call++) host.send("tools/call", { name: "large", arguments: { bytes: 500_000 } });
  host.process.stdin?.end();
  await once(host.process, "exit");
  expect(host.process.exitCode).toBe(0);
});

it("a bridge ends with the process that started it, though another holds its pipes", async ({ box }) => {
  const program =
    `const { spawn } = require("node:child_process");` +
    `const bridge = spawn(process.execPath, [${JSON.stringify(resolve("dist/cli.js"))}, "bridge"], { stdio: "inherit" });` +
    `process.stderr.write(bridge.pid + "\\n"); setInterval(() => {}, 1000);`;
  const env = { ...process.env, LOCKSTEP_DIR: box.dir };
  const starter = box.track(spawn(process.execPath, ["-e", program], { env, stdio: ["pipe", "pipe", "pipe"] }));
  const [line] = (await once(starter.stderr!, "data")) as [Buffer];
  const pid = Number(String(line).trim());
  starter.kill("SIGKILL");
  await until("the bridge is gone", () => !isAlive(pid));
});

it("a host learns what a known server offers before a daemon runs, and no server is started for that", async ({
  box,
  counted,
}) => {
  const first = new BridgeHost(box);
  await first.initialize();
  const { result: lists } = await first.request("tools/list");
  await box.run(["stop"]);
  expect(executions(counted, "start")).toHaveLength(1);

  const second = new BridgeHost(box);
  await second.initialize();
  expect((await second.request("tools/list")).result).toEqual(lists);
  // With a daemon, too: by then the bridge has compared its lists with the daemon's.
  await until("the daemon runs", async () => (await box.run(["status"])).code === 0);
  expect((await second.request("tools/list")).result).toEqual(lists);
  expect(executions(counted, "start")).toHaveLength(1);
  expect(second.methods).toEqual([]);
  await second.call("counter__echo");
  expect(executions(counted, "start")).toHaveLength(2);
});

it("a host of one server gets its name, instructions and lists from memory, too", async ({ box, counted }) => {
  const first = new BridgeHost(box, ["counter"]);
  await first.initialize();
  const { result: lists } = await first.request("tools/list");
  await first.request("prompts/list");
  await box.run(["stop"]);
  const second = new BridgeHost(box, ["counter"]);
  expect(await second.initialize()).toMatchObject({ serverInfo: { name: "counter" }, instructions: "Count on me." });
  expect((await second.request("tools/list")).result).toEqual(lists);
  await until("the daemon runs", async () => (await box.run(["status"])).code === 0);
  expect((await second.request("tools/list")).result).toEqual(lists);
  expect(executions(counted, "start")).toHaveLength(1);
});

it("a host is told of lists that changed while no daemon ran", async ({ box, counted }) => {
  const first = new BridgeHost(box);
  await first.initialize();
  await first.request("tools/list");
  await box.run(["stop"]);
  box.writeServers({ counter: counter({ COUNTER_FILE: counted }), second: counter({ COUNTER_FILE: counted }) });
  const host = new BridgeHost(box);
  await host.initialize();
  const { tools } = (await host.request("tools/list")).result as { tools: { name: string }[] };
  expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(["counter__echo", "second__echo"]));
});
