import { expect, it } from "vitest";

import { counter, eventually, ServersUnderTest, type ClientOptions, type TestClient } from "../hosted.js";

const FORM = { capabilities: { elicitation: {} } };
const ASK = "elicitation/create";
const answering = (under: ServersUnderTest, by: string, options: ClientOptions = FORM): TestClient => {
  const client = under.connect("one", options);
  client.onRequest = () => ({ action: "accept", content: { by } });
  return client;
};
const asked = (under: ServersUnderTest): unknown[] =>
  under
    .executed()
    .filter((line) => line.startsWith("asked "))
    .map((line) => JSON.parse(line.slice(6)) as unknown);
const start = async (under: ServersUnderTest, client: TestClient, name: string, args: object): Promise<void> => {
  void client.request("tools/call", { name, arguments: { id: name, ...args } }, name);
  await eventually(() => expect(under.executed().join()).toContain(`${name} `));
};

it("a question of a cancelled call reaches no other client, though that one has a call open", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const [a, b] = [answering(under, "a"), answering(under, "b")];
  await start(under, a, "askLate", { ms: 200, params: { message: "secret of a" } });
  a.notify("notifications/cancelled", { requestId: "askLate" });
  await start(under, b, "slow", { ms: 60_000 });
  await eventually(() => expect(asked(under)).toHaveLength(1));
  expect(asked(under)).toMatchObject([{ code: -32013, data: { clients: 2 } }]);
  expect(JSON.stringify(asked(under))).toContain('\\"share\\": \\"session\\"');
  expect([...a.heard(ASK), ...b.heard(ASK)]).toEqual([]);
});

it("a question of a call that took too long goes to its client, and to no other one that has a call open", async () => {
  const under = new ServersUnderTest({ one: counter({}, { timeout: "200ms" }) });
  const [a, b] = [answering(under, "a"), answering(under, "b")];
  const late = a.request("tools/call", { name: "askLate", arguments: { ms: 1_000, id: "x" } });
  expect((await late).error).toMatchObject({ code: -32014 });
  await eventually(() => expect(asked(under)).toEqual([{ action: "accept", content: { by: "a" } }]));
  expect(b.heard(ASK)).toEqual([]);
});

it("a question of a client that has left is declined, and reaches no other client", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const [a, b] = [answering(under, "a"), answering(under, "b")];
  await b.call("echo");
  await start(under, a, "askLate", { ms: 200 });
  a.session.close();
  await eventually(() => expect(asked(under)).toEqual([{ action: "decline" }]));
  expect(b.heard(ASK)).toEqual([]);
});

it("a question that comes behind its call's answer reaches no client, if several have used the server", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const [a, b] = [answering(under, "a"), answering(under, "b")];
  await a.call("echo");
  await b.call("askAfterwards");
  a.session.close();
  await eventually(() => expect(asked(under)).toMatchObject([{ code: -32013 }]));
  expect([...a.heard(ASK), ...b.heard(ASK)]).toEqual([]);
});

it("a question that comes behind its call's answer reaches the only client that has used the server", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const [a, idle] = [answering(under, "a"), answering(under, "idle")];
  await a.call("askAfterwards");
  await eventually(() => expect(asked(under)).toEqual([{ action: "accept", content: { by: "a" } }]));
  expect(idle.heard(ASK)).toEqual([]);
});

it("a question reaches its client although another one reads lists, and Lockstep reads them for a third", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const [a, b, all] = [answering(under, "a"), answering(under, "b"), under.connect(undefined, FORM)];
  await a.call("echo");
  void b.request("tools/list");
  void all.request("resources/list");
  expect(JSON.parse(await a.call("ask", { method: ASK }))).toEqual({ action: "accept", content: { by: "a" } });
  expect(b.heard(ASK)).toEqual([]);
});

it("a server that asks only clients which can answer gets an answer, whether or not its client can show a form", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const unable = under.connect("one");
  expect(await unable.call("drop")).toBe("kept");
  expect(under.log.join("\n")).toMatch(/warn one: declined the question "Really\?", since the client cannot show/);
  expect(unable.heard("notifications/message")).toMatchObject([
    { params: { level: "warning", logger: "lockstep", data: expect.stringContaining("Really?") as string } },
  ]);
  expect(await answering(under, "able").call("drop")).toBe("dropped");
});

it("a question by URL is declined in the place of a client that knows only forms", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const url = { method: ASK, params: { mode: "url", url: "https://e.org", elicitationId: "e1", message: "Log in" } };
  const form = answering(under, "form");
  expect(await form.call("ask", url)).toBe('{"action":"decline"}');
  const both = answering(under, "both", { capabilities: { elicitation: { form: {}, url: {} } } });
  expect(await both.call("ask", url)).toContain("accept");
});

it("the completion of a question by URL is for the client that got it", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const [a, b] = [answering(under, "a", { capabilities: { elicitation: { url: {} } } }), answering(under, "b")];
  await b.call("echo");
  const params = { mode: "url", url: "https://e.org", elicitationId: "e1", message: "Log in" };
  await a.call("ask", { method: ASK, params });
  await b.call("notify", { method: "notifications/elicitation/complete", params: { elicitationId: "e1" } });
  expect(a.heard("notifications/elicitation/complete")).toHaveLength(1);
  expect(b.heard("notifications/elicitation/complete")).toEqual([]);
});

it("the error for a client that lacks what a shared server asks for names the setting that helps", async () => {
  const under = new ServersUnderTest({ shared: counter(), own: counter({}, { share: "session" }) });
  const error = await under.connect("shared").call("ask", { method: "roots/list" });
  expect(error).toContain("does not support roots");
  expect(error).toContain('\\"share\\": \\"session\\"');
  expect(await under.connect("own").call("ask", { method: "roots/list" })).not.toContain("share");
});

it("a question's id is unlike those of another daemon, whose client may answer late", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const client = answering(under, "a");
  await client.call("ask", { method: ASK });
  expect(String(client.heard(ASK)[0]?.id)).toMatch(/^asked-[a-z0-9]{6,}-\d+$/);
});
