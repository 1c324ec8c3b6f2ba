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
