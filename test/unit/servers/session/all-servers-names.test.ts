import { expect, it } from "vitest";

import { counter, ServersUnderTest } from "../hosted.js";

/** A server whose lists and answers are given, and which repeats what it was asked. */
function scripted(answers: Record<string, unknown>, late: Record<string, number> = {}) {
  const program = `
    const answers = ${JSON.stringify(answers)}, late = ${JSON.stringify(late)};
    const capabilities = { tools: {}, prompts: {}, resources: { subscribe: true }, completions: {} };
    const hello = { protocolVersion: "2025-11-25", capabilities, serverInfo: { name: "scripted", version: "1" } };
    require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const { id, method, params } = JSON.parse(line);
      if (id === undefined) return;
      const own = answers[method + " " + (params?.cursor ?? params?.uri ?? "")] ?? answers[method];
      const result = method === "initialize" ? hello : own ?? { asked: { method, params } };
      const answer = own === null ? { error: { code: -32602, message: "not here" } } : { result };
      const send = () => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, ...answer }) + "\\n");
      if (late[method] === undefined) send(); else setTimeout(send, late[method]);
    });`;
  return { command: process.execPath, args: ["-e", program] };
}

const tools = (...names: string[]) => ({ "tools/list": { tools: names.map((name) => ({ name })) } });
const named = (result: Record<string, unknown> | undefined): string[] =>
  (result?.["tools"] as { name: string }[]).map(({ name }) => name);

it("with all servers at once names that hosts would refuse are shortened, and calls reach the tool that was meant", async () => {
  const long = "x".repeat(60);
  const under = new ServersUnderTest({ a: scripted(tools("_x", "get.info", long)), a_: scripted(tools("x")) });
  const client = under.connect(undefined);
  const listed = named((await client.request("tools/list")).result);
  expect(listed).toHaveLength(4);
  expect(listed).toEqual([...listed].sort());
  const asked: string[] = [];
  for (const name of listed) {
    expect(name).toMatch(/^[A-Za-z0-9_-]{1,46}$/);
    const { result } = await client.request("tools/call", { name, arguments: {} });
    asked.push((result?.["asked"] as { params: { name: string } }).params.name);
  }
  expect(asked.sort()).toEqual(["_x", "get.info", "x", long].sort());
});

it("with all servers at once a shortened name is understood by a session that has not listed it, and so is the whole one", async () => {
  const under = new ServersUnderTest({ a: scripted(tools("get.info")) });
  const [name] = named((await under.connect(undefined).request("tools/list")).result);
  for (const known of [name, "a__get.info", "get.info"]) {
    const { result } = await under.connect(undefined).request("tools/call", { name: known, arguments: {} });
    expect(result).toMatchObject({ asked: { params: { name: "get.info" } } });
  }
});

it("with all servers at once an empty cursor is a cursor, and a repeated one ends the list, without doubles", async () => {
  const page = (name: string, nextCursor?: string) => ({
    tools: [{ name }],
    ...(nextCursor !== undefined && { nextCursor }),
  });
  const under = new ServersUnderTest({
    endless: scripted({ "tools/list": page("same", "") }),
    paged: scripted({ "tools/list ": page("one", "2"), "tools/list 2": page("two", "") }),
  });
  const { result } = await under.connect(undefined).request("tools/list");
  expect(named(result)).toEqual(["endless__same", "paged__one", "paged__two"]);
});

it("with all servers at once equal URIs of two servers are told apart", async () => {
  const lists = {
    "resources/list": { resources: [{ uri: "x:1", name: "one" }] },
    "resources/templates/list": { resourceTemplates: [{ uriTemplate: "x:{id}", name: "any" }] },
  };
  const under = new ServersUnderTest({
    a: scripted({ ...lists, ...tools("a") }),
    b: scripted({ ...lists, ...tools("b") }),
  });
  const client = under.connect(undefined);
  const { result } = await client.request("resources/list");
  const uris = (result?.["resources"] as { uri: string }[]).map(({ uri }) => uri);
  expect(uris).toEqual(["x:1", "lockstep:b:x:1"]);
  for (const uri of uris) {
    const read = await client.request("resources/read", { uri });
    expect(read.result).toMatchObject({ asked: { params: { uri: "x:1" } } });
  }
  expect(under.status("a").calls).toBe(1);
  expect(under.status("b").calls).toBe(1);
  const templates = (await client.request("resources/templates/list")).result?.["resourceTemplates"];
  expect(templates).toMatchObject([{ uriTemplate: "x:{id}" }, { uriTemplate: "lockstep:b:x:{id}" }]);
});

it("with all servers at once a template's completion and its resources belong to the server that lists it", async () => {
  const template = { "resources/templates/list": { resourceTemplates: [{ uriTemplate: "b:{id}", name: "any" }] } };
  const under = new ServersUnderTest({ a: scripted({}), b: scripted(template) });
  const ref = { type: "ref/resource", uri: "b:{id}" };
  const client = under.connect(undefined);
  await client.request("completion/complete", { ref, argument: { name: "id", value: "" } });
  await client.request("resources/subscribe", { uri: "b:7" });
  expect([under.status("a").calls, under.status("b").calls]).toEqual([0, 2]);
});

it("with all servers at once a subscription to an unlisted resource is for the server that can read it", async () => {
  const nothing = { "resources/list": { resources: [] }, "resources/templates/list": { resourceTemplates: [] } };
  const under = new ServersUnderTest({
    a: scripted({ ...nothing, "resources/read": null }),
    b: scripted({ ...nothing, "resources/read": { contents: [{ uri: "y:1", text: "" }] } }),
  });
  const client = under.connect(undefined);
  // In one packet: the second one must not overtake the first, for which a server is looked for.
  const [subscribed, unsubscribed] = await Promise.all([
    client.request("resources/subscribe", { uri: "y:1" }),
    client.request("resources/unsubscribe", { uri: "y:1" }),
  ]);
  expect(subscribed.result).toMatchObject({ asked: { method: "resources/subscribe" } });
  expect(unsubscribed.result).toMatchObject({ asked: { method: "resources/unsubscribe" } });
  expect([under.status("a").calls, under.status("b").calls]).toEqual([0, 2]);
  const unknown = new ServersUnderTest({ a: scripted({ ...nothing, "resources/read": null }) });
  const refused = await unknown.connect(undefined).request("resources/subscribe", { uri: "y:1" });
  expect(refused.error).toMatchObject({ code: -32002 });
});

it("with all servers at once a call's wish for a task is left out, since no task could be fetched", async () => {
  const under = new ServersUnderTest({ a: scripted(tools("t")) });
  const client = under.connect(undefined);
  const params = '{"task": {"ttl": 1},"name":"a__t","arguments":{"task":12345678901234567890}}';
  client.sendRaw(`{"jsonrpc":"2.0","id":"t","method":"tools/call","params":${params}}`);
  await expect.poll(() => client.raw.length).toBe(1);
  expect(client.received[0]?.result).toMatchObject({ asked: { params: { name: "t" } } });
  expect(client.received[0]?.result).not.toHaveProperty("asked.params.task");
  expect((await client.request("tasks/get", { taskId: "1" })).error?.message).toContain("connect to one server");
});

it("with all servers at once a client's changed roots reach the processes that are its own", async () => {
  const under = new ServersUnderTest({ own: counter({}, { share: "session" }), one: counter() });
  const client = under.connect(undefined, { capabilities: { roots: { listChanged: true } } });
  await client.call("own__echo");
  await client.call("one__echo");
  client.notify("notifications/roots/list_changed");
  await expect.poll(() => under.executed()).toContain("notified notifications/roots/list_changed");
});

it("with all servers at once an update has the URI under which the client knows the resource", async () => {
  const under = new ServersUnderTest({ one: counter(), two: counter() });
  const client = under.connect(undefined);
  await client.request("resources/list");
  const seen = "lockstep:two:counter://one";
  expect((await client.request("resources/subscribe", { uri: seen })).result).toEqual({});
  await client.call("two__touch", { uri: "counter://one" });
  expect(client.heard("notifications/resources/updated")).toMatchObject([{ params: { uri: seen } }]);
  await client.request("resources/unsubscribe", { uri: seen });
  await client.call("two__touch", { uri: "counter://one" });
  expect(client.heard("notifications/resources/updated")).toHaveLength(1);
});

it("with all servers at once what is read under a server's own form of a URI comes back under that form", async () => {
  const under = new ServersUnderTest({ one: counter(), two: counter() });
  const client = under.connect(undefined);
  const urisOf = async (uri: string): Promise<unknown> => {
    const { result } = await client.request("resources/read", { uri });
    return (result?.["contents"] as { uri: string }[]).map((content) => content.uri);
  };
  // Not listed yet, so the URI is no server's yet; then it is the first one's.
  expect(await urisOf("lockstep:two:counter://one")).toEqual(["lockstep:two:counter://one"]);
  await client.request("resources/list");
  expect(await urisOf("lockstep:two:counter://one")).toEqual(["lockstep:two:counter://one"]);
  expect(await urisOf("counter://one")).toEqual(["counter://one"]);
  expect(await urisOf("lockstep:one:counter://one")).toEqual(["lockstep:one:counter://one"]);
});

it("with all servers at once a link in an answer leads to the server that gave it", async () => {
  const link = { type: "resource_link", uri: "x:1", name: "one" };
  const embedded = { type: "resource", resource: { uri: "x:1", text: "" } };
  const answers = {
    "resources/list": { resources: [{ uri: "x:1", name: "one" }] },
    "prompts/list": { prompts: [{ name: "ask" }] },
    "tools/call": { content: [{ type: "text", text: "uri" }, link, embedded] },
    "prompts/get": { messages: [{ role: "user", content: embedded }] },
    ...tools("t"),
  };
  const under = new ServersUnderTest({ a: scripted(answers), b: scripted(answers) });
  const client = under.connect(undefined);
  await client.request("resources/list");
  const links = async (method: string, name: string): Promise<string[]> =>
    JSON.stringify((await client.request(method, { name })).result).match(/"uri":"[^"]*"/g) ?? [];
  expect(await links("tools/call", "a__t")).toEqual(['"uri":"x:1"', '"uri":"x:1"']);
  expect(await links("tools/call", "b__t")).toEqual(['"uri":"lockstep:b:x:1"', '"uri":"lockstep:b:x:1"']);
  expect(await links("prompts/get", "b__ask")).toEqual(['"uri":"lockstep:b:x:1"']);
});

it("with all servers at once a list passes what a server wrote, down to the digits of its numbers", async () => {
  const schema = `{"type":"object","properties":{"n":{"maximum":12345678901234567890, "multipleOf":1.10}}}`;
  const list = `{"tools":[{"name":"t","inputSchema":${schema},"__proto__":{"a":1}}],"nextCursor":null}`;
  const raw = `
    require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const { id, method } = JSON.parse(line);
      const hello = '{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"1"}}';
      const result = method === "initialize" ? hello : ${JSON.stringify(list)};
      if (id !== undefined) process.stdout.write('{"jsonrpc":"2.0","id":' + JSON.stringify(id) + ',"result":' + result + '}\\n');
    });`;
  const under = new ServersUnderTest({ a: { command: process.execPath, args: ["-e", raw] } });
  const client = under.connect(undefined);
  await client.request("tools/list");
  expect(client.raw.at(-1)).toContain(`{"name":"a__t","inputSchema":${schema},"__proto__":{"a":1}}`);
});
