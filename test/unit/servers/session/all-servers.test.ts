import { expect, it } from "vitest";

import { counter, eventually, ServersUnderTest } from "../hosted.js";

const names = (answer: { result?: Record<string, unknown> }, key: string): unknown[] =>
  (answer.result?.[key] as { name?: string; uri?: string }[]).map(({ name, uri }) => uri ?? name);

it("a session with all servers lists every page of every server's tools, named after their server", async () => {
  const under = new ServersUnderTest({ one: counter(), two: counter() });
  const listed = names(await under.connect(undefined).request("tools/list"), "tools");
  expect(listed).toContain("one__echo");
  expect(listed).toContain("two__pid");
  expect(new Set(listed).size).toBe(listed.length);
  expect(listed.filter((name) => String(name).startsWith("one__"))).toHaveLength(listed.length / 2);
});

it("a call is routed by the server in its name, with progress and cancellation", async () => {
  const under = new ServersUnderTest({ one: counter({ NAME: "1" }), one_more: counter({ NAME: "2" }) });
  const client = under.connect(undefined);
  expect(await client.call("one__env", { name: "NAME" })).toBe("1");
  expect(await client.call("one_more__env", { name: "NAME" })).toBe("2");
  await client.request("tools/call", {
    name: "one__progress",
    arguments: { steps: 1 },
    _meta: { progressToken: "t" },
  });
  expect(client.heard("notifications/progress")[0]?.params?.["progressToken"]).toBe("t");
  void client.request("tools/call", { name: "one__slow", arguments: { ms: 500, id: "x" } }, "call");
  await eventually(() => expect(under.executed()).toContain("slow x"));
  client.notify("notifications/cancelled", { requestId: "call" });
  expect(under.servers.inFlight).toBe(0);
});

it("a name without its server is enough when only one server has it; otherwise the error lists the candidates", async () => {
  const under = new ServersUnderTest({ one: counter() });
  expect(await under.connect(undefined).call("echo", { a: 1 })).toBe('{"a":1}');
  const two = new ServersUnderTest({ one: counter(), two: counter() });
  const client = two.connect(undefined);
  await expect(client.call("echo")).rejects.toThrow("ambiguous. Use one of: one__echo, two__echo");
  await expect(client.call("ecco")).rejects.toThrow('No server has "ecco"');
});

it("prompts of all servers are joined, and each comes from its server", async () => {
  const under = new ServersUnderTest({ one: counter(), two: counter() });
  const client = under.connect(undefined);
  expect(names(await client.request("prompts/list"), "prompts")).toEqual(["one__greet", "two__greet"]);
  const prompt = await client.request("prompts/get", { name: "two__greet" });
  expect(JSON.stringify(prompt.result)).toContain('"text":"greet"');
});

it("resources of all servers are joined, and each is read from its server, listed or not", async () => {
  const under = new ServersUnderTest({ one: counter({ COUNTER_NAME: "a" }), two: counter({ COUNTER_NAME: "b" }) });
  const client = under.connect(undefined);
  const unlisted = await client.request("resources/read", { uri: "counter://b/deep" });
  expect(unlisted.result).toEqual({ contents: [{ uri: "counter://b/deep", text: "itself" }] });
  expect(names(await client.request("resources/list"), "resources")).toEqual(["counter://a", "counter://b"]);
  const listed = await client.request("resources/read", { uri: "counter://a" });
  expect(listed.result).toMatchObject({ contents: [{ uri: "counter://a" }] });
  expect((await client.request("resources/read", { uri: "counter://c" })).error?.message).toContain("counter://c");
});

it("lists leave out a server that cannot start", async () => {
  const under = new ServersUnderTest({ bad: { command: "no-such-program" }, good: counter() });
  const listed = names(await under.connect(undefined).request("tools/list"), "tools");
  expect(listed).toContain("good__echo");
  expect(listed.filter((name) => String(name).startsWith("bad"))).toEqual([]);
});

it("clients are notified of changed lists when a server that was left out is ready", async () => {
  const under = new ServersUnderTest({ one: counter({ COUNTER_START: "exit" }) });
  const client = under.connect(undefined);
  expect((await client.request("tools/list")).result).toEqual({ tools: [] });
  under.configure({ one: counter() });
  await under.servers.reload();
  await under.connect("one").call("echo");
  await eventually(() => expect(client.heard("notifications/tools/list_changed").length).toBeGreaterThan(0));
});

it("a method that is not possible with all servers is refused", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const answer = await under.connect(undefined).request("tasks/list");
  expect(answer.error).toMatchObject({ code: -32601 });
});

it("a request that no server has yet counts as in flight, and is answered when it is cut off", async () => {
  const under = new ServersUnderTest({ one: counter({ COUNTER_START: "never" }) });
  const client = under.connect(undefined);
  const list = client.request("tools/list");
  await eventually(() => expect(under.servers.running).toBe(1));
  expect(under.servers.inFlight).toBe(1);
  under.servers.refuseNew();
  under.servers.cutOff();
  expect((await list).error).toMatchObject({ code: -32001, data: { delivered: false } });
  await under.servers.drained();
});

it("a request id that a client uses twice at once leaves nothing in flight", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const client = under.connect(undefined);
  client.send({ id: "same", method: "tools/list" });
  client.send({ id: "same", method: "tools/list" });
  await eventually(() => expect(client.received.filter(({ id }) => id === "same")).toHaveLength(2));
  expect(under.servers.inFlight).toBe(0);
});

it("a request that is cancelled in the same packet reaches no server and gets no answer", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const client = under.connect(undefined);
  for (const name of ["one__echo", "echo"]) {
    client.send({ id: name, method: "tools/call", params: { name, arguments: { id: name } } });
    client.notify("notifications/cancelled", { requestId: name });
  }
  await client.call("one__echo", { id: "last" });
  // Again, now that the configuration has been read; a plain name is still looked up.
  client.send({ id: "again", method: "tools/call", params: { name: "echo", arguments: { id: "again" } } });
  client.notify("notifications/cancelled", { requestId: "again" });
  await client.call("one__echo", { id: "end" });
  await client.request("tools/list");
  expect(under.executed()).toEqual(["echo last", "echo end"]);
  expect(client.received.filter(({ id }) => typeof id === "string")).toEqual([]);
  expect(under.servers.inFlight).toBe(0);
});

it("clients read their lists again when a server is added or removed, once for all of them", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const client = under.connect(undefined);
  await client.request("tools/list");
  under.configure({ two: counter(), three: counter() });
  await under.servers.reload();
  await eventually(() => expect(client.heard("notifications/tools/list_changed")).toHaveLength(1));
  const listed = names(await client.request("tools/list"), "tools");
  expect(listed.map((name) => String(name).split("__")[0])).toEqual(expect.arrayContaining(["two", "three"]));
  under.configure({ two: counter() });
  await under.servers.reload();
  await eventually(() => expect(client.heard("notifications/tools/list_changed")).toHaveLength(2));
});

it("a server that takes too long holds up one list and no later one, and is reported when it has answered", async () => {
  const under = new ServersUnderTest({ slow: counter({ COUNTER_START: "signal" }), one: counter() });
  const client = under.connect(undefined);
  const timed = async (): Promise<number> => {
    const since = performance.now();
    expect(names(await client.request("tools/list"), "tools")).toContain("one__echo");
    return performance.now() - since;
  };
  const [first, second] = [await timed(), await timed()];
  expect(second).toBeLessThan(first / 4);
  expect(client.heard("notifications/tools/list_changed")).toEqual([]);
  for (const { name, pid } of under.children) if (name === "slow") process.kill(pid, "SIGUSR2");
  await eventually(() => expect(client.heard("notifications/tools/list_changed")).toHaveLength(1));
  expect(client.heard("notifications/prompts/list_changed")).toEqual([]);
  expect(names(await client.request("tools/list"), "tools")).toContain("slow__echo");
});
