import { writeFileSync } from "node:fs";
import { expect, it } from "vitest";

import { counter, eventually, ServersUnderTest, type Message, type TestClient } from "../hosted.js";

const FORM = { capabilities: { elicitation: {} } };
const make = (client: TestClient, id: string, args: object = {}, more: object = {}): Promise<Message> =>
  client.request("tools/call", { name: "echo", arguments: { id, ...args }, task: { ttl: 60_000 }, ...more });
/** Lets a task of the fixture server go on. */
const goOn = (under: ServersUnderTest, id: string): void => writeFileSync(`${under.record}.${id}`, "");
const ids = ({ result }: Message): unknown[] => (result?.["tasks"] as { taskId: string }[]).map(({ taskId }) => taskId);

it("a task belongs to the client that made it", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const [a, b] = [under.connect("one"), under.connect("one")];
  expect((await make(a, "ta")).result).toMatchObject({ task: { taskId: "ta", status: "working" } });
  await make(b, "tb");
  expect(ids(await a.request("tasks/list"))).toEqual(["ta"]);
  expect(ids(await b.request("tasks/list"))).toEqual(["tb"]);
  for (const method of ["tasks/get", "tasks/result", "tasks/cancel"]) {
    const refused = await b.request(method, { taskId: "ta" });
    expect(refused.error).toMatchObject({ code: -32602, message: "Failed to retrieve task: Task not found: ta" });
  }
  expect((await a.request("tasks/get", { taskId: "ta" })).result).toMatchObject({ status: "working" });
  goOn(under, "ta");
  await eventually(() => expect(a.heard("notifications/tasks/status")).toHaveLength(1));
  expect(b.heard("notifications/tasks/status")).toEqual([]);
});

it("a task whose client has left is that of the client which knows its id", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const [before, other] = [under.connect("one"), under.connect("one")];
  await make(before, "ta");
  before.session.close();
  expect(ids(await other.request("tasks/list"))).toEqual([]);
  const again = under.connect("one");
  expect((await again.request("tasks/get", { taskId: "ta" })).result).toMatchObject({ status: "working" });
  expect(ids(await again.request("tasks/list"))).toEqual(["ta"]);
});

it("a task's question goes to the client that made it, whoever has calls open", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const [a, b] = [under.connect("one", FORM), under.connect("one", FORM)];
  a.onRequest = () => ({ action: "accept", content: { by: "a" } });
  await make(a, "ta", { ask: "related" });
  void b.request("tools/call", { name: "slow", arguments: { ms: 60_000, id: "b" } });
  await eventually(() => expect(under.executed()).toContain("slow b"));
  goOn(under, "ta");
  await eventually(() => expect(under.executed()).toContain('asked {"action":"accept","content":{"by":"a"}}'));
  expect(b.heard("elicitation/create")).toEqual([]);
});

it("a question that could be that of another client's task is refused", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const [a, b] = [under.connect("one", FORM), under.connect("one", FORM)];
  await make(a, "ta", { ask: "plain" });
  void b.request("tools/call", { name: "slow", arguments: { ms: 60_000, id: "b" } });
  await eventually(() => expect(under.executed()).toContain("slow b"));
  goOn(under, "ta");
  await eventually(() => expect(under.executed().join()).toContain('asked {"code":-32013'));
  expect([...a.heard("elicitation/create"), ...b.heard("elicitation/create")]).toEqual([]);
});

it("a task's progress reaches its client when its call has been answered", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const client = under.connect("one");
  await make(client, "ta", {}, { _meta: { progressToken: "mine" } });
  goOn(under, "ta");
  await eventually(() => expect(client.heard("notifications/progress")).toHaveLength(1));
  expect(client.heard("notifications/progress")[0]?.params).toEqual({ progressToken: "mine", progress: 1 });
});

it("a server is not idle while it has a task, until its result was fetched", async () => {
  const under = new ServersUnderTest({ one: counter({}, { idle: "100ms" }) });
  const client = under.connect("one");
  await make(client, "ta");
  client.session.close();
  const before = performance.now();
  await eventually(() => expect(performance.now() - before).toBeGreaterThan(500));
  expect(under.status("one").state).toBe("ready");
  const again = under.connect("one");
  expect((await again.request("tasks/result", { taskId: "ta" })).result).toMatchObject({
    content: [{ text: "result of ta" }],
  });
  again.session.close();
  await eventually(() => expect(under.status("one").state).toBe("stopped"));
});

it("a server that is one client's own lists all its tasks", async () => {
  const under = new ServersUnderTest({ one: counter({}, { share: "session" }) });
  const client = under.connect("one");
  await make(client, "ta");
  expect(ids(await client.request("tasks/list"))).toEqual(["ta"]);
});
