import { expect, it } from "vitest";

import { counter, eventually, expectGone, ServersUnderTest, isAlive } from "../hosted.js";

const own = (env: Record<string, string> = {}) => counter(env, { share: "session" });

it("with share session each client has a process, which ends with it", async () => {
  const under = new ServersUnderTest({ one: own() });
  const [a, b] = [under.connect("one"), under.connect("one")];
  const [first, second] = [Number(await a.call("pid")), Number(await b.call("pid"))];
  expect(first).not.toBe(second);
  a.session.close();
  await expectGone(first);
  expect(isAlive(second)).toBe(true);
  expect(Number(await b.call("pid"))).toBe(second);
  expect(under.status("one")).toMatchObject({ state: "ready", sessions: 1, calls: 3 });
});

it("with share session a process is kept ready for the next client", async () => {
  const under = new ServersUnderTest({ one: own() });
  await under.connect("one").call("echo");
  await eventually(() => expect(under.starts()).toHaveLength(2));
  const spare = under.starts()[1];
  expect(Number(await under.connect("one").call("pid"))).toBe(spare);
  await eventually(() => expect(under.starts()).toHaveLength(3));
});

it("with share session a process is started when the one kept ready has died", async () => {
  const under = new ServersUnderTest({ one: own() });
  await under.connect("one").call("echo");
  await eventually(() => expect(under.starts()).toHaveLength(2));
  process.kill(under.starts()[1]!, "SIGKILL");
  await eventually(() => expect(under.children).toHaveLength(1));
  expect(await under.connect("one").call("echo")).toBe("{}");
});

it("with share session a server gets its client's capabilities, except the experimental ones", async () => {
  const under = new ServersUnderTest({ one: own() });
  const capabilities = { roots: { listChanged: true }, experimental: { lockstep: { role: "bridge" } } };
  const client = under.connect("one", { capabilities });
  expect(JSON.parse(await client.call("capabilities"))).toEqual({ roots: { listChanged: true } });
  client.onRequest = () => ({ roots: [{ uri: "file:///mine" }] });
  expect(await client.call("ask", { method: "roots/list" })).toContain("file:///mine");
  client.notify("notifications/roots/list_changed");
  await eventually(() => expect(under.executed()).toContain("notified notifications/roots/list_changed"));
});

it("with share session a client's notification reaches its own process only, and none that is on its way out", async () => {
  const under = new ServersUnderTest({ one: counter({ COUNTER_STUBBORN: "1" }, { share: "session" }) });
  const [a, b] = [under.connect("one"), under.connect("one")];
  await Promise.all([a.call("echo"), b.call("echo")]);
  b.session.close();
  a.notify("notifications/vendor/thing");
  await a.call("echo", { id: "after" });
  expect(under.executed().filter((line) => line.includes("vendor"))).toHaveLength(1);
  expect(under.children.length).toBeGreaterThan(1);
});

it("with share session a replaced entry leaves one process that is kept ready, of the new entry", async () => {
  const under = new ServersUnderTest({ one: own() });
  const client = under.connect("one");
  await client.call("echo");
  await eventually(() => expect(under.starts()).toHaveLength(2));
  under.configure({ one: own({ COUNTER_VERSION: "2" }) });
  await under.servers.reload();
  await client.call("echo");
  client.session.close();
  await eventually(() => expect(under.starts()).toHaveLength(4));
  await eventually(() => expect(under.children.map(({ pid }) => pid)).toEqual([under.starts()[3]]));
});

it("with share session a server's requests go to its client, although others have calls open", async () => {
  const under = new ServersUnderTest({ one: own() });
  const capabilities = { sampling: {} };
  const [a, b] = [under.connect("one", { capabilities }), under.connect("one", { capabilities })];
  a.onRequest = () => ({ by: "a" });
  b.onRequest = () => ({ by: "b" });
  expect(await Promise.all([a.call("ask"), b.call("ask")])).toEqual(['{"by":"a"}', '{"by":"b"}']);
});

it("with share session a server's notifications go to its client only", async () => {
  const under = new ServersUnderTest({ one: own() });
  const [a, b] = [under.connect("one"), under.connect("one")];
  await Promise.all([a.call("echo"), b.call("echo")]);
  await a.call("log", { data: "x" });
  expect(a.heard("notifications/message")).toHaveLength(1);
  expect(b.heard("notifications/message")).toHaveLength(0);
});

it("with share session a crash leaves the other clients' processes alone", async () => {
  const under = new ServersUnderTest({ one: own() });
  const [a, b] = [under.connect("one"), under.connect("one")];
  const before = await b.call("pid");
  const crash = await a.request("tools/call", { name: "crash" });
  expect(crash.error).toMatchObject({ code: -32011 });
  expect(await a.call("echo")).toBe("{}");
  expect(await b.call("pid")).toBe(before);
});
