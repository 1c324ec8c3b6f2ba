import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

import { counter, eventually, ServersUnderTest, type Message, type TestClient } from "../hosted.js";

const one = (lockstep: object = {}) => counter({}, { concurrency: 1, ...lockstep });
const slow = (client: TestClient, id: string, ms = 20): Promise<Message> =>
  client.request("tools/call", { name: "slow", arguments: { ms, id } }, id);
const order = (under: ServersUnderTest): string => under.executed().join(" ").replaceAll("slow ", "");

it("with concurrency 1 a call is sent when the one before it has been answered", async () => {
  const under = new ServersUnderTest({ one: one() });
  const client = under.connect("one");
  const [first, second] = [slow(client, "a", 300), slow(client, "b")];
  await eventually(() => expect(order(under)).toBe("a"));
  // Other requests are no calls, and need not wait.
  await client.request("tools/list");
  expect(order(under)).toBe("a");
  expect(under.servers.openCalls().map(({ delivered }) => delivered)).toEqual([true, false]);
  await Promise.all([first, second]);
  expect(order(under)).toBe("a b");
  expect(under.servers.inFlight).toBe(0);
});

it("with concurrency 2 two calls run at once, and a third one waits", async () => {
  const under = new ServersUnderTest({ one: one({ concurrency: 2 }) });
  const client = under.connect("one");
  const calls = [slow(client, "a", 300), slow(client, "b", 60_000), slow(client, "c")];
  await eventually(() => expect(order(under)).toBe("a b"));
  await Promise.all([calls[0], calls[2]]);
  expect(order(under)).toBe("a b c");
});

it("clients take turns, however many calls one of them has sent", async () => {
  const under = new ServersUnderTest({ one: one() });
  const [a, b] = [under.connect("one"), under.connect("one")];
  const calls = ["a1", "a2", "a3", "a4"].map((id) => slow(a, id));
  await under.servers.loaded();
  calls.push(...["b1", "b2"].map((id) => slow(b, id)));
  await Promise.all(calls);
  expect(order(under)).toBe("a1 a2 b1 a3 b2 a4");
});

it("a waiting call that is cancelled, or whose client leaves, is never sent", async () => {
  const under = new ServersUnderTest({ one: one() });
  const [a, b] = [under.connect("one"), under.connect("one")];
  const first = slow(a, "a1", 200);
  await eventually(() => expect(order(under)).toBe("a1"));
  void slow(a, "a2");
  void slow(b, "b1");
  const last = slow(a, "a3");
  a.notify("notifications/cancelled", { requestId: "a2" });
  b.session.close();
  await Promise.all([first, last]);
  expect(order(under)).toBe("a1 a3");
  expect(under.servers.inFlight).toBe(0);
});

it("a call that is cancelled while it runs gives its turn up, though its server does not answer it any more", async () => {
  const under = new ServersUnderTest({ one: one() });
  const client = under.connect("one");
  void slow(client, "a", 60_000);
  await eventually(() => expect(order(under)).toBe("a"));
  const next = slow(client, "b");
  client.notify("notifications/cancelled", { requestId: "a" });
  await next;
  expect(order(under)).toBe("a cancelled 1 b");
});

it("a waiting call that exceeds its time limit is not sent, and its error names both settings", async () => {
  const under = new ServersUnderTest({ one: one({ timeout: "400ms" }) });
  const [a, b] = [under.connect("one"), under.connect("one")];
  void slow(a, "a", 60_000);
  await eventually(() => expect(order(under)).toBe("a"));
  const waited = await slow(b, "b");
  expect(waited.error).toMatchObject({ code: -32014, data: { delivered: false } });
  expect(waited.error?.message).toMatch(/waited 400 ms for its turn.*runs 1 call at a time.*concurrency.*timeout/);
  expect(order(under)).not.toContain("b");
});

it("calls that wait are sent to the next process when theirs crashes, and to the next configuration's", async () => {
  const under = new ServersUnderTest({ one: one() });
  const client = under.connect("one");
  const crash = client.request("tools/call", { name: "crash" });
  const rest = [slow(client, "b"), slow(client, "c", 500), slow(client, "d")];
  expect((await crash).error).toMatchObject({ code: -32011 });
  await eventually(() => expect(order(under)).toContain("c"));
  under.configure({ one: counter({ COUNTER_VERSION: "2" }, { concurrency: 1 }) });
  await under.servers.reload();
  const answers = await Promise.all(rest);
  expect(answers.map(({ result }) => result?.content?.[0]?.text)).toEqual([
    "slept 20 ms, b",
    "slept 500 ms, c",
    "slept 20 ms, d",
  ]);
  expect(under.starts()).toHaveLength(3);
});

it("a daemon that shuts down does not send the calls that wait", async () => {
  const under = new ServersUnderTest({ one: one() });
  const client = under.connect("one");
  const calls = [slow(client, "a", 60_000), slow(client, "b"), slow(client, "c")];
  await eventually(() => expect(order(under)).toBe("a"));
  under.servers.refuseNew();
  under.servers.cutOff();
  const answers = await Promise.all(calls);
  expect(answers.map(({ error }) => error?.data?.["delivered"])).toEqual([true, false, false]);
  expect(under.servers.inFlight).toBe(0);
});

it("the builtin memory server keeps all of many entities that are created at once", async () => {
  const under = new ServersUnderTest({});
  under.configure({ memory: { lockstep: { builtin: "memory" } } });
  const clients = [1, 2, 3, 4].map(() => under.connect("memory"));
  const create = (client: TestClient, name: string): Promise<string> =>
    client.call("create_entities", { entities: [{ name, entityType: "test", observations: [] }] });
  const names = Array.from({ length: 20 }, (_, index) => `alone ${index}`);
  await Promise.all(names.map((name) => create(clients[0]!, name)));
  const more = Array.from({ length: 20 }, (_, index) => `of four ${index}`);
  await Promise.all(more.map((name, index) => create(clients[index % 4]!, name)));
  const graph = JSON.parse(await clients[0]!.call("read_graph")) as { entities: { name: string }[] };
  expect(graph.entities.map(({ name }) => name).sort()).toEqual([...names, ...more].sort());
  expect(
    existsSync(join(under.dir, "memory.jsonl")) && readFileSync(join(under.dir, "memory.jsonl"), "utf8"),
  ).toContain("alone 0");
});
