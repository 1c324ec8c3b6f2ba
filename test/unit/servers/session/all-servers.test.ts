import { describe, expect, it } from "vitest";

import { counter, eventually, ServersUnderTest } from "../hosted.js";

const names = (answer: { result?: Record<string, unknown> }, key: string): unknown[] =>
  (answer.result?.[key] as { name?: string; uri?: string }[]).map(({ name, uri }) => uri ?? name);

describe("a session with all servers", () => {
  it("lists every page of every server's tools, named after their server", async () => {
    const under = new ServersUnderTest({ one: counter(), two: counter() });
    const listed = names(await under.connect(undefined).request("tools/list"), "tools");
    expect(listed).toContain("one__echo");
    expect(listed).toContain("two__pid");
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed.filter((name) => String(name).startsWith("one__"))).toHaveLength(listed.length / 2);
  });

  it("routes a call by its prefix, with progress and cancellation", async () => {
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

  it("takes a plain name when one server alone has it, and lists the candidates otherwise", async () => {
    const under = new ServersUnderTest({ one: counter() });
    expect(await under.connect(undefined).call("echo", { a: 1 })).toBe('{"a":1}');
    const two = new ServersUnderTest({ one: counter(), two: counter() });
    const client = two.connect(undefined);
    await expect(client.call("echo")).rejects.toThrow("ambiguous. Use one of: one__echo, two__echo");
    await expect(client.call("ecco")).rejects.toThrow('No server has "ecco"');
  });

  it("joins prompts and completes their names", async () => {
    const under = new ServersUnderTest({ one: counter(), two: counter() });
    const client = under.connect(undefined);
    expect(names(await client.request("prompts/list"), "prompts")).toEqual(["one__greet", "two__greet"]);
    const prompt = await client.request("prompts/get", { name: "two__greet" });
    expect(JSON.stringify(prompt.result)).toContain('"text":"greet"');
  });

  it("joins resources and reads each from its server, also those that nobody listed", async () => {
    const under = new ServersUnderTest({ one: counter({ COUNTER_NAME: "a" }), two: counter({ COUNTER_NAME: "b" }) });
    const client = under.connect(undefined);
    const unlisted = await client.request("resources/read", { uri: "counter://b/deep" });
    expect(unlisted.result).toEqual({ contents: [{ uri: "counter://b/deep", text: "itself" }] });
    expect(names(await client.request("resources/list"), "resources")).toEqual(["counter://a", "counter://b"]);
    const listed = await client.request("resources/read", { uri: "counter://a" });
    expect(listed.result).toMatchObject({ contents: [{ uri: "counter://a" }] });
    expect((await client.request("resources/read", { uri: "counter://c" })).error?.message).toContain("counter://c");
  });

  it("leaves out what cannot start", async () => {
    const under = new ServersUnderTest({ bad: { command: "no-such-program" }, good: counter() });
    const listed = names(await under.connect(undefined).request("tools/list"), "tools");
    expect(listed).toContain("good__echo");
    expect(listed.filter((name) => String(name).startsWith("bad"))).toEqual([]);
  });

  it("is told to look again when a server that was left out is there", async () => {
    const under = new ServersUnderTest({ one: counter({ COUNTER_START: "exit" }) });
    const client = under.connect(undefined);
    expect((await client.request("tools/list")).result).toEqual({ tools: [] });
    under.configure({ one: counter() });
    await under.servers.reload();
    await under.connect("one").call("echo");
    await eventually(() => expect(client.heard("notifications/tools/list_changed").length).toBeGreaterThan(0));
  });

  it("says what it cannot do", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const answer = await under.connect(undefined).request("tasks/list");
    expect(answer.error).toMatchObject({ code: -32601 });
  });

  it("counts as open what Lockstep itself is working on, and answers it when it is cut off", async () => {
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
});
