import { describe, expect, it } from "vitest";

import { counter, eventually, ServersUnderTest } from "../hosted.js";

describe("a shared server", () => {
  it("is one process for all its clients, and equal ids of two clients do not mix", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const [a, b] = [under.connect("one"), under.connect("one")];
    const answers = await Promise.all([
      a.request("tools/call", { name: "slow", arguments: { ms: 30, id: "a" } }, 7),
      b.request("tools/call", { name: "slow", arguments: { ms: 1, id: "b" } }, 7),
      a.request("tools/call", { name: "echo", arguments: { of: "a" } }, "7"),
    ]);
    expect(answers.map(({ id, result }) => [id, result?.content?.[0]?.text])).toEqual([
      [7, "slept 30 ms, a"],
      [7, "slept 1 ms, b"],
      ["7", '{"of":"a"}'],
    ]);
    expect(under.starts()).toHaveLength(1);
    expect(under.status("one")).toMatchObject({ state: "ready", sessions: 2, calls: 3, errors: 0, version: "1.0.0" });
  });

  it("gets params byte for byte, as clients get results", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one");
    const odd =
      '{"jsonrpc":"2.0", "id" : "\\u00e4\\n1" ,"method":"tools/call","params":{"arguments":{"n":1.0,"big":12345678901234567890},"name":"echo"}}';
    client.sendRaw(odd);
    await eventually(() => expect(client.raw).toHaveLength(1));
    expect(client.raw[0]).toContain('"id":"\\u00e4\\n1"');
  });

  it("reports progress to the client that asked for it, under that client's token", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const [a, b] = [under.connect("one"), under.connect("one")];
    const params = { name: "progress", arguments: { steps: 2 }, _meta: { progressToken: "mine" } };
    await Promise.all([
      a.request("tools/call", params),
      b.request("tools/call", { ...params, _meta: { progressToken: 5 } }),
    ]);
    for (const [client, progressToken] of [
      [a, "mine"],
      [b, 5],
    ] as const) {
      expect(client.heard("notifications/progress").map(({ params }) => params)).toEqual([
        { progressToken, progress: 1, total: 2 },
        { progressToken, progress: 2, total: 2 },
      ]);
    }
  });

  it("gets a cancellation under its own id, and the client gets no answer any more", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one");
    await client.call("echo");
    void client.request("tools/call", { name: "slow", arguments: { ms: 100, id: "x" } }, "call-1");
    await eventually(() => expect(under.executed()).toContain("slow x"));
    client.notify("notifications/cancelled", { requestId: "call-1", reason: "changed my mind" });
    expect(under.servers.inFlight).toBe(0);
    await eventually(() => expect(under.executed()).toContain("cancelled 2"));
    await client.call("slow", { ms: 110 });
    expect(client.received.map(({ id }) => id)).not.toContain("call-1");
  });

  it("gets a cancellation for the calls of a client that disconnected", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one");
    void client.request("tools/call", { name: "slow", arguments: { ms: 5_000, id: "x" } });
    await eventually(() => expect(under.executed()).toContain("slow x"));
    client.session.close();
    expect(under.servers.inFlight).toBe(0);
    await eventually(() => expect(under.executed()).toContain("cancelled 1"));
    expect(under.status("one").sessions).toBe(0);
  });

  it("sends its notifications to all of its clients, and to no others", async () => {
    const under = new ServersUnderTest({ one: counter(), two: counter() });
    const [a, b, other, all] = [
      under.connect("one"),
      under.connect("one"),
      under.connect("two"),
      under.connect(undefined),
    ];
    await Promise.all([b.call("echo"), other.call("echo")]);
    await a.call("log", { data: "hello" });
    for (const client of [a, b, all]) expect(client.heard("notifications/message")).toHaveLength(1);
    expect(other.heard("notifications/message")).toHaveLength(0);
  });

  it("passes errors and tools' failures on as they are", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one");
    const refused = await client.request("tools/call", { name: "refuse" });
    expect(refused.error).toEqual({ code: -32099, message: "no such thing", data: { why: "test" } });
    const failed = await client.request("tools/call", { name: "fail" });
    expect(failed.result).toMatchObject({ isError: true });
  });

  it("may print other text than MCP to its standard output", async () => {
    const under = new ServersUnderTest({ one: counter({ COUNTER_START: "noise" }) });
    const client = under.connect("one");
    expect(await client.call("noise")).toBe("made noise");
    expect(await client.call("echo")).toBe("{}");
    expect(under.log.join("\n")).toContain("skipped output that is no MCP");
    expect(under.log.join("\n")).toContain("Welcome to the counter!");
  });

  it("gets a cancellation when it exceeds its timeout, and the client gets an error with an unknown outcome", async () => {
    const under = new ServersUnderTest({ one: counter({}, { timeout: "150ms" }) });
    const client = under.connect("one");
    await client.session.offer(); // A start counts as well, and may take longer on a busy machine.
    await client.call("echo");
    const [late, fine] = await Promise.all([
      client.request("tools/call", { name: "slow", arguments: { ms: 1_000, id: "x" } }),
      client.call("slow", { ms: 10 }),
    ]);
    expect(fine).toContain("slept");
    expect(late.error).toMatchObject({ code: -32014, data: { delivered: true, outcome: "unknown", server: "one" } });
    expect(late.error?.message).toContain("150 ms");
    await eventually(() => expect(under.executed()).toContain("cancelled 2"));
  });
});

describe("the time limit of a call", () => {
  it("begins anew with each progress, and its error says so", async () => {
    const under = new ServersUnderTest({ one: counter({}, { timeout: "1s" }) });
    const client = under.connect("one");
    const _meta = { progressToken: 1 };
    const progress = (steps: number, ms: number) =>
      client.request("tools/call", { name: "progress", arguments: { steps, ms }, _meta });
    expect((await progress(8, 200)).result).toBeDefined();
    const late = await progress(1, 60_000);
    expect(late.error?.message).toMatch(/within 1 s of its last progress.*"timeout".*"startTimeout"/);
  });

  it("does not count the start of its server, which has a limit of its own", async () => {
    const under = new ServersUnderTest({ one: counter({ COUNTER_START: "slow" }, { timeout: "300ms" }) });
    expect(await under.connect("one").call("echo")).toBe("{}");
  });
});

describe("an error without a request's id", () => {
  it.each(['"id":null,', ""])("with %j fails the call that is open, if it can be no other's", async (idText) => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one");
    const answer = await client.request("tools/call", { name: "refuseWithoutId", arguments: { idText } }, "mine");
    expect(answer).toEqual({ jsonrpc: "2.0", id: "mine", error: { code: -32050, message: "nothing of the kind" } });
    expect(under.log.join("\n")).toContain("without a request's id: nothing of the kind");
    expect(under.servers.inFlight).toBe(0);
  });

  it("fails no call when two are open, and is in the log", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const [a, b] = [under.connect("one"), under.connect("one")];
    const slow = a.call("slow", { ms: 300, id: "x" });
    await eventually(() => expect(under.executed()).toContain("slow x"));
    void b.request("tools/call", { name: "refuseWithoutId" });
    await eventually(() => expect(under.log.join("\n")).toContain("nothing of the kind"));
    expect(await slow).toContain("slept");
    expect(b.received).toEqual([]);
  });
});

describe("a client's notification", () => {
  it("reaches a shared server, except what is about roots that it was not promised", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one", { capabilities: { roots: { listChanged: true } } });
    await client.call("echo");
    client.notify("notifications/roots/list_changed");
    client.notify("notifications/vendor/thing", { a: 1 });
    await eventually(() => expect(under.executed()).toContain("notified notifications/vendor/thing"));
    expect(under.executed().join()).not.toContain("roots");
  });
});

describe("a server's request to its client", () => {
  it("goes to the client whose call is open, and its answer back to the server", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const [idle, busy] = [under.connect("one"), under.connect("one", { capabilities: { sampling: {} } })];
    await idle.call("echo");
    busy.onRequest = ({ method, params }) => ({ answered: method, params });
    expect(JSON.parse(await busy.call("ask", { params: { maxTokens: 5 } }))).toEqual({
      answered: "sampling/createMessage",
      params: { maxTokens: 5 },
    });
    expect(idle.received.filter(({ method }) => method !== undefined)).toEqual([]);
  });

  it("is refused when two clients have calls open, with the setting that helps", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const capabilities = { sampling: {} };
    const [a, b] = [under.connect("one", { capabilities }), under.connect("one", { capabilities })];
    const slow = a.call("slow", { ms: 300, id: "x" });
    await eventually(() => expect(under.executed()).toContain("slow x"));
    const answer = JSON.parse(await b.call("ask")) as { code: number; message: string };
    expect(answer.code).toBe(-32013);
    expect(answer.message).toContain("2 clients use it");
    expect(answer.message).toContain('"share": "session"');
    await slow;
  });

  it.each([
    ["sampling/createMessage", {}, "sampling"],
    ["roots/list", {}, "roots"],
  ])(
    "%s is answered with an error in the place of a client that does not support it",
    async (method, capabilities, what) => {
      const under = new ServersUnderTest({ one: counter() });
      const client = under.connect("one", { capabilities });
      const answer = JSON.parse(await client.call("ask", { method })) as { code: number; message: string };
      expect(answer).toMatchObject({
        code: -32601,
        message: expect.stringContaining(`The client whose call is open does not support ${what}.`) as string,
      });
    },
  );

  it("is answered when the client that got it disconnects", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one", { capabilities: { sampling: {} } });
    void client.request("tools/call", { name: "ask" });
    await eventually(() => expect(client.heard("sampling/createMessage")).toHaveLength(1));
    client.session.close();
    const next = under.connect("one");
    expect(await next.call("echo")).toBe("{}");
    expect(under.servers.inFlight).toBe(0);
  });

  it("ping is answered without any client", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one");
    expect(await client.call("ask", { method: "ping" })).toBe("{}");
    expect(client.heard("ping")).toEqual([]);
  });
});

describe("a client of MCP 2026-07-28", () => {
  const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
  };

  it("is referred to initialize by a server that knows it, and shares its process with the others", async () => {
    const under = new ServersUnderTest({ one: counter(), own: counter({}, { share: "session" }) });
    for (const name of ["one", "own"]) {
      const client = under.connect(name);
      const discovered = await client.request("server/discover", { _meta: meta });
      expect(discovered.error).toMatchObject({ code: -32601 });
      expect(discovered.error?.message).toContain("is reached with initialize only");
      expect(await client.call("echo")).toBe("{}");
    }
    expect(under.children.filter(({ name }) => name === "one")).toHaveLength(1);
    // The second process of the other is the one that is kept ready.
    expect(under.children.filter(({ name }) => name === "own").length).toBeLessThanOrEqual(2);
  });

  it("is served by the only process of a server that knows no initialize, which older clients are told", async () => {
    const under = new ServersUnderTest({ one: counter({ COUNTER_ERA: "stateless" }) });
    const client = under.connect("one");
    const discovered = await client.request("server/discover", { _meta: meta });
    expect(discovered.result).toMatchObject({ supportedVersions: ["2026-07-28"] });
    const called = await client.request("tools/call", { name: "echo", arguments: {}, _meta: meta });
    expect(called.result?.content?.[0]?.text).toBe("{}");
    const old = await under.connect("one").request("tools/call", { name: "echo" });
    expect(old.error).toMatchObject({ code: -32010, data: { delivered: false } });
    expect(old.error?.message).toContain("speaks only MCP 2026-07-28");
    await expect(under.connect("one").session.offer()).rejects.toThrow("speaks only MCP 2026-07-28");
    expect(under.starts()).toHaveLength(1);
  });

  it("does not make a program that speaks no MCP look like a server without initialize", async () => {
    const under = new ServersUnderTest({ one: counter({ COUNTER_ERA: "other" }) });
    const answer = await under.connect("one").request("tools/call", { name: "echo" });
    expect(answer.error?.message).toContain('could not be started: it refused "initialize": Method not found');
  });

  it("gets its own id in everything that the server sends for its subscription", async () => {
    const under = new ServersUnderTest({ one: counter({ COUNTER_ERA: "stateless" }) });
    const [a, b] = [under.connect("one"), under.connect("one")];
    void a.request("subscriptions/listen", { _meta: meta, notifications: { toolsListChanged: true } }, "mine");
    await eventually(() => expect(a.heard("notifications/tools/list_changed")).toHaveLength(1));
    expect(a.heard("notifications/subscriptions/acknowledged")[0]?.params?.["_meta"]).toEqual({
      "io.modelcontextprotocol/subscriptionId": "mine",
    });
    expect(b.received).toEqual([]);
    // It is open on purpose: no drain waits for it.
    expect(under.servers.inFlight).toBe(0);
    a.notify("notifications/cancelled", { requestId: "mine" });
    await eventually(() => expect(under.executed()).toContain("cancelled 1"));
  });
});
