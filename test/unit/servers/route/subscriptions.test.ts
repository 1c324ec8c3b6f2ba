import { expect, it } from "vitest";

import { counter, eventually, ServersUnderTest } from "../hosted.js";

const UPDATED = "notifications/resources/updated";
const uri = "counter://one/x";

it("only its subscribers are notified of a resource's change", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const [a, b] = [under.connect("one"), under.connect("one")];
  await a.request("resources/subscribe", { uri });
  await b.call("touch", { uri });
  expect(a.heard(UPDATED)).toHaveLength(1);
  expect(b.heard(UPDATED)).toHaveLength(0);
});

it("a client that unsubscribes leaves another client's subscription alone", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const [a, b] = [under.connect("one"), under.connect("one")];
  await Promise.all([a.request("resources/subscribe", { uri }), b.request("resources/subscribe", { uri })]);
  expect(await a.request("resources/unsubscribe", { uri })).toMatchObject({ result: {} });
  expect(await a.call("touch", { uri })).toBe(uri);
  expect([a.heard(UPDATED).length, b.heard(UPDATED).length]).toEqual([0, 1]);
  await b.request("resources/unsubscribe", { uri });
  expect(await a.call("touch", { uri })).toBe("");
});

it("a client that unsubscribes leaves a subscription alone that another one has requested and not got yet", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const [a, b] = [under.connect("one"), under.connect("one")];
  const slow = "counter://one/slow";
  await a.request("resources/subscribe", { uri: slow });
  const [subscribed] = await Promise.all([
    b.request("resources/subscribe", { uri: slow }),
    a.request("resources/unsubscribe", { uri: slow }),
  ]);
  expect(subscribed).toMatchObject({ result: {} });
  expect(await a.call("touch", { uri: slow })).toBe(slow);
  expect([a.heard(UPDATED).length, b.heard(UPDATED).length]).toEqual([0, 1]);
});

it("a subscription and its end in one packet leave nothing behind", async () => {
  const under = new ServersUnderTest({ one: counter({}, { idle: "100ms" }) });
  const client = under.connect("one");
  await client.call("echo");
  const slow = "counter://one/slow";
  await Promise.all([
    client.request("resources/subscribe", { uri: slow }),
    client.request("resources/unsubscribe", { uri: slow }),
  ]);
  client.session.close();
  await eventually(() => expect(under.status("one").state).toBe("stopped"));
});

it("a subscription that the server refuses, or that is cancelled, does not count", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const [a, b] = [under.connect("one"), under.connect("one")];
  const refused = "counter://one/refused";
  expect((await a.request("resources/subscribe", { uri: refused })).error).toBeDefined();
  void b.request("resources/subscribe", { uri: "counter://one/slow" }, "sub");
  await a.call("echo");
  b.notify("notifications/cancelled", { requestId: "sub" });
  await a.request("resources/subscribe", { uri });
  // What is not subscribed is announced to all, since the server had another reason for it.
  await a.call("notify", { method: UPDATED, params: { uri: refused } });
  await a.call("notify", { method: UPDATED, params: { uri: "counter://one/slow" } });
  expect([a.heard(UPDATED).length, b.heard(UPDATED).length]).toEqual([2, 2]);
});

it("a subscription by a request of more than 64 KiB counts", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const [a, b] = [under.connect("one"), under.connect("one")];
  await a.request("resources/subscribe", { uri, _meta: { padding: "x".repeat(70_000) } });
  await b.call("touch", { uri });
  expect([a.heard(UPDATED).length, b.heard(UPDATED).length]).toEqual([1, 0]);
});

it("a subscription by a session with all servers counts, listed or not", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const [all, other] = [under.connect(undefined), under.connect("one")];
  await all.request("resources/subscribe", { uri });
  await other.call("touch", { uri });
  expect([all.heard(UPDATED).length, other.heard(UPDATED).length]).toEqual([1, 0]);
  all.session.close();
  await eventually(async () => expect(await other.call("touch", { uri })).toBe(""));
});

it("the subscription ends when the last subscriber disconnects", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const [a, b] = [under.connect("one"), under.connect("one")];
  await a.request("resources/subscribe", { uri });
  a.session.close();
  await eventually(async () => expect(await b.call("touch", { uri })).toBe(""));
});

it("a subscription survives a crash of its server", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const client = under.connect("one");
  await client.request("resources/subscribe", { uri });
  await client.request("tools/call", { name: "crash" });
  await client.call("touch", { uri });
  expect(client.heard(UPDATED)).toHaveLength(1);
});

it("a subscription survives a restart of its server, and a change of its entry", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const client = under.connect("one");
  await client.request("resources/subscribe", { uri });
  await under.servers.restart("one");
  await client.call("touch", { uri });
  under.configure({ one: counter({ COUNTER_VERSION: "2.0.0" }) });
  await under.servers.reload();
  await client.call("touch", { uri });
  expect(client.heard(UPDATED)).toHaveLength(2);
});

it("a server with subscribers is not idle", async () => {
  const under = new ServersUnderTest({ one: counter({}, { idle: "100ms" }) });
  const client = under.connect("one");
  await client.request("resources/subscribe", { uri });
  const before = performance.now();
  await eventually(() => expect(performance.now() - before).toBeGreaterThan(400));
  expect(under.status("one").state).toBe("ready");
  await client.request("resources/unsubscribe", { uri });
  await eventually(() => expect(under.status("one").state).toBe("stopped"));
});

it("a client keeps its subscriptions and its level when its server's entry is removed and added again", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const client = under.connect("one");
  await client.request("resources/subscribe", { uri: "counter://one" });
  await client.request("logging/setLevel", { level: "error" });
  under.configure({});
  await under.servers.reload();
  under.configure({ one: counter({ EDITED: "1" }) });
  await under.servers.reload();
  // The client waits for updates, and sends nothing itself.
  await eventually(() => expect(client.heard("notifications/resources/list_changed").length).toBeGreaterThan(0));
  await eventually(() => expect(under.status("one").state).toBe("ready"));
  expect(await under.connect("one").call("touch", { uri: "counter://one" })).toBe("counter://one");
  await under.connect("one").call("log", { data: "lost", level: "info" });
  await eventually(() => expect(client.heard("notifications/resources/updated")).toHaveLength(1));
  expect(client.heard("notifications/message")).toEqual([]);
});

it("a client of all servers keeps its subscriptions when a server's entry is removed and added again", async () => {
  const under = new ServersUnderTest({ one: counter(), other: counter({ COUNTER_NAME: "two" }) });
  const client = under.connect(undefined);
  await client.request("resources/subscribe", { uri: "counter://one" });
  under.configure({ other: counter({ COUNTER_NAME: "two" }) });
  await under.servers.reload();
  under.configure({ one: counter({ EDITED: "1" }), other: counter({ COUNTER_NAME: "two" }) });
  await under.servers.reload();
  await eventually(() => expect(under.status("one").state).toBe("ready"));
  expect(await under.connect("one").call("touch", { uri: "counter://one" })).toBe("counter://one");
  await eventually(() => expect(client.heard("notifications/resources/updated")).toHaveLength(1));
});

it.each([
  ["one server", "one", "slow"],
  ["all servers", undefined, "one__slow"],
])(
  "a call of a client of %s is answered when its server's entry is removed and added again",
  async (_, server, tool) => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect(server);
    await client.request("resources/subscribe", { uri: "counter://one" });
    const answer = client.call(tool, { ms: 1_000 });
    await eventually(() => expect(under.executed()).toHaveLength(1));
    under.configure({});
    await under.servers.reload();
    under.configure({ one: counter({ EDITED: "1" }) });
    await under.servers.reload();
    expect(await answer).toContain("slept 1000 ms");
  },
);
