import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { counter, eventually, expectGone, ServersUnderTest, isAlive } from "../hosted.js";
import { onSlowest } from "../../../fixtures/bounds.js";

describe("a server that crashes", () => {
  it("fails its open calls with an unknown outcome, sends none again, and serves the next call", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const [a, b] = [under.connect("one"), under.connect("one")];
    const slow = a.request("tools/call", { name: "slow", arguments: { ms: 5_000, id: "x" } });
    await eventually(() => expect(under.executed()).toContain("slow x"));
    const crash = await b.request("tools/call", { name: "crash", arguments: { code: 7 } });
    const lost = { code: -32011, data: { delivered: true, outcome: "unknown", server: "one" } };
    expect(crash.error).toMatchObject(lost);
    expect((await slow).error).toMatchObject(lost);
    expect(crash.error?.message).toContain('"one" exited with code 7');
    expect(crash.error?.message).toContain("about to crash");

    expect(await a.call("echo")).toBe("{}");
    expect(under.starts()).toHaveLength(2);
    expect(under.executed().filter((line) => line === "slow x")).toHaveLength(1);
    expect(under.breadcrumbs).toEqual([{ kind: "server-crashed", server: "one", exit: { code: 7 }, nextStartMs: 0 }]);
    expect(under.status("one")).toMatchObject({ state: "ready", errors: 2 });
  });

  it("is not started again at once when it has crashed repeatedly", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one");
    await client.request("tools/call", { name: "crash" });
    await client.request("tools/call", { name: "crash" });
    const refused = await client.request("tools/call", { name: "echo" });
    expect(refused.error).toMatchObject({ code: -32010, data: { delivered: false, server: "one" } });
    expect(refused.error?.message).toMatch(/exited with code 1.*Next try in 1 s/);
    expect(under.status("one")).toMatchObject({ state: "backoff", pid: null });
    expect(under.status("one").problem).toContain("exited with code 1");
    await eventually(async () => expect(await client.call("echo")).toBe("{}"));
  });

  it("has the answer delivered that it sent just before", async () => {
    const under = new ServersUnderTest({ one: counter() });
    expect(await under.connect("one").call("answerAndExit")).toBe("last words");
  });

  it("is ended together with its child processes", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one");
    const grandchild = Number(await client.call("fork"));
    expect(isAlive(grandchild)).toBe(true);
    await client.request("tools/call", { name: "crash" });
    await expectGone(grandchild);
    await eventually(() => expect(under.children).toEqual([]));
  });

  it("has its configured secrets removed from its last output", async () => {
    const under = new ServersUnderTest({ one: counter({ API_TOKEN: "token-value-123456" }) });
    const crash = await under.connect("one").request("tools/call", { name: "crash" });
    expect(crash.error?.message).toContain("about to crash: …");
    expect(JSON.stringify([under.log, under.breadcrumbs, under.servers.status()])).not.toContain("token-value");
  });
});

describe("a server that cannot start", () => {
  it.each([
    ["is not there", { command: "no-such-program" }, /program "no-such-program" was not found.*The PATH was \//],
    ["has its arguments in command", { command: "npx -y it" }, /no program called "npx -y it".*belong in "args"/],
    ["has a path that is not there", { command: "/no/such/program" }, /program \/no\/such\/program does not exist/],
    [
      "has a working directory that is not there",
      { command: "node", cwd: "/no/such" },
      /directory \/no\/such does not exist/,
    ],
    ["is not executable", { command: "/etc/passwd" }, /\/etc\/passwd is not executable/],
    [
      "exits",
      counter({ COUNTER_START: "exit" }),
      /exited with code 3\. Its last output: "cannot find my configuration"/,
    ],
    ["refuses", counter({ COUNTER_START: "refuse" }), /refused "initialize": not today/],
    ["is no MCP server", { command: "cat" }, /could not be started: it refused "initialize"/],
  ])("because it %s fails the call that needs it, with the reason", async (_why, entry, message) => {
    const under = new ServersUnderTest({ one: entry });
    const answer = await under.connect("one").request("tools/call", { name: "echo" });
    expect(answer.error).toMatchObject({ code: -32010, data: { delivered: false, server: "one" } });
    expect(answer.error?.message).toMatch(message);
    expect(under.status("one")).toMatchObject({ state: "backoff" });
    expect(under.servers.inFlight).toBe(0);
  });

  it.each([
    ["600ms", /did not answer "initialize" within 600 ms\. That limit is "lockstep": \{"startTimeout": …\}/],
    ["1ms", /did not answer "initialize" within 1 ms/],
  ])("is given up after its startTimeout of %s, which the error names", async (startTimeout, message) => {
    const under = new ServersUnderTest({ one: counter({ COUNTER_START: "never" }, { startTimeout }) });
    const { error } = await under.connect("one").request("tools/call", { name: "echo" });
    expect(error?.message).toMatch(message);
    expect(under.status("one").problem).toMatch(message);
  });

  it.each([
    ["that the error names", { COUNTER_KNOWS: "2025-03-26", COUNTER_NAMES: "2024-11-04 2025-03-26" }, "2025-03-26"],
    ["older than the one refused", { COUNTER_KNOWS: "2024-11-05" }, "2024-11-05"],
  ])("because of the protocol version is asked for one %s", async (_which, env, version) => {
    const under = new ServersUnderTest({ one: counter(env, { startTimeout: "never" }) });
    expect(await under.connect("one").call("echo")).toBe("{}");
    expect(under.log.join()).toContain(`MCP ${version}`);
    expect(under.starts()).toHaveLength(1);
  });

  it("fails when it refuses every protocol version", async () => {
    const under = new ServersUnderTest({ one: counter({ COUNTER_KNOWS: "1999-01-01", COUNTER_NAMES: "1999-01-01" }) });
    const { error } = await under.connect("one").request("tools/call", { name: "echo" });
    expect(error?.message).toMatch(/refused "initialize": Unsupported protocol version/);
  });

  it("does not keep other servers from starting", async () => {
    const under = new ServersUnderTest({ bad: { command: "no-such-program" }, good: counter() });
    const [bad, good] = [under.connect("bad"), under.connect("good")];
    void bad.request("tools/call", { name: "echo" });
    expect(await good.call("echo")).toBe("{}");
  });
});

describe("a server that starts slowly", () => {
  it("gets its requests when it is ready, without those cancelled meanwhile", async () => {
    const under = new ServersUnderTest({ one: counter({ COUNTER_START: "slow" }) });
    const client = under.connect("one");
    void client.request("tools/call", { name: "echo", arguments: { id: "first" } }, 1);
    const second = client.call("echo", { id: "second" });
    await eventually(() => expect(under.servers.inFlight).toBe(2));
    expect(under.servers.openCalls()).toMatchObject([{ server: "one", tool: "echo", delivered: false }, {}]);
    client.notify("notifications/cancelled", { requestId: 1 });
    await second;
    expect(under.executed()).toEqual(["echo second"]);
  });

  it("gives a session its own capabilities and instructions, however slowly it starts", async () => {
    const under = new ServersUnderTest({ one: counter({ COUNTER_START: "slow" }) });
    const { session } = under.connect("one");
    expect(await session.offer()).toMatchObject({
      capabilities: { resources: { subscribe: true } },
      instructions: "Count on me.",
    });
  });
});

describe("a server that is not used", () => {
  it("is not started", async () => {
    const under = new ServersUnderTest({ one: counter() });
    await under.servers.loaded();
    expect(under.status("one")).toMatchObject({ state: "stopped", pid: null, lastUsedAt: null });
    expect(under.servers.running).toBe(0);
  });

  it("is started if its entry is eager, and again after a crash", async () => {
    const under = new ServersUnderTest({ one: counter({}, { start: "eager" }) });
    under.servers.start();
    await eventually(() => expect(under.status("one").state).toBe("ready"));
    process.kill(under.children[0]?.pid ?? 0, "SIGKILL");
    await eventually(() => expect(under.starts()).toHaveLength(2));
    expect(under.breadcrumbs).toMatchObject([{ exit: { signal: "SIGKILL" } }]);
  });

  it("ends after its idle time, but not during a call, and starts again for the next call", async () => {
    const under = new ServersUnderTest({ one: counter({}, { idle: "150ms" }) });
    const client = under.connect("one");
    expect(await client.call("slow", { ms: 400 })).toContain("slept 400 ms");
    const [pid] = under.starts();
    await expectGone(pid ?? 0);
    await eventually(() =>
      expect(under.status("one")).toMatchObject({ state: "stopped", pid: null, version: "1.0.0" }),
    );
    expect(under.breadcrumbs).toEqual([]);
    expect(await client.call("echo")).toBe("{}");
    expect(under.starts()).toHaveLength(2);
  });
});

describe("a server's environment", () => {
  it("is the login environment with its entry's variables, in the user's home", async () => {
    const under = new ServersUnderTest({ one: counter({ OWN: "from ${HOME}" }) });
    const client = under.connect("one");
    expect(await client.call("env", { name: "OWN" })).toBe(`from ${process.env["HOME"]}`);
    expect(await client.call("env", { name: "PATH" })).toBe(process.env["PATH"]);
    expect(await client.call("cwd")).toBe(process.env["HOME"]);
  });

  it("waits for orphans of an earlier daemon to be gone", async () => {
    let gone: () => void = () => undefined;
    const orphansGone = new Promise<void>((resolve) => (gone = resolve));
    const under = new ServersUnderTest({ one: counter() }, { orphansGone });
    const client = under.connect("one");
    const called = client.call("echo");
    await under.servers.loaded();
    expect(under.servers.running).toBe(1);
    expect(under.starts()).toEqual([]);
    gone();
    expect(await called).toBe("{}");
  });
});

describe("stopping all hosted servers", () => {
  it("ends a server that ignores the end of its stdin and SIGTERM, and its grandchildren", async () => {
    const under = new ServersUnderTest({ one: counter({ COUNTER_STUBBORN: "1" }) });
    const client = under.connect("one");
    const [server, grandchild] = [Number(await client.call("pid")), Number(await client.call("fork"))];
    await under.servers.stop(900);
    expect(isAlive(server)).toBe(false);
    await expectGone(grandchild);
    await eventually(() => expect(under.children).toEqual([]));
  });

  it("kills at once when there is no time", async () => {
    const under = new ServersUnderTest({ one: counter({ COUNTER_STUBBORN: "1" }) });
    const server = Number(await under.connect("one").call("pid"));
    const before = performance.now();
    await under.servers.stop(0);
    expect(performance.now() - before).toBeLessThan(onSlowest(200));
    await expectGone(server);
  });

  it("ends other servers without waiting, and leaves no process", async () => {
    const under = new ServersUnderTest({ one: counter(), two: counter({}, { share: "session" }) });
    await Promise.all([under.connect("one").call("echo"), under.connect("two").call("echo")]);
    await under.servers.stop(6_000);
    expect(under.children).toEqual([]);
    for (const pid of under.starts()) expect(isAlive(pid)).toBe(false);
  });
});

describe("draining", () => {
  it("lets delivered calls end, and refuses new ones", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one");
    const slow = client.call("slow", { ms: 200, id: "x" });
    await eventually(() => expect(under.executed()).toContain("slow x"));
    under.servers.refuseNew();
    const refused = await client.request("tools/call", { name: "echo" });
    expect(refused.error).toMatchObject({ code: -32001, data: { delivered: false } });
    expect(under.servers.inFlight).toBe(1);
    await under.servers.drained();
    expect(await slow).toContain("slept");
    expect(under.servers.cutOff()).toEqual([]);
    expect(under.executed()).toEqual(["slow x"]);
  });

  it("answers open calls at the end, and reports the delivered ones", async () => {
    const under = new ServersUnderTest({ one: counter(), two: counter({ COUNTER_START: "never" }) });
    const [one, two] = [under.connect("one"), under.connect("two")];
    const delivered = one.request("tools/call", { name: "slow", arguments: { ms: 5_000, id: "x" } });
    const waiting = two.request("tools/call", { name: "echo" });
    await eventually(() => expect(under.executed()).toContain("slow x"));
    await eventually(() => expect(under.servers.inFlight).toBe(2));
    under.servers.refuseNew();
    expect(under.servers.cutOff()).toEqual([{ server: "one", tool: "slow" }]);
    expect((await delivered).error).toMatchObject({ code: -32001, data: { delivered: true, outcome: "unknown" } });
    expect((await waiting).error).toMatchObject({ code: -32001, data: { delivered: false } });
    await under.servers.drained();
  });
});

describe("a session with a server that is not configured", () => {
  it("gets an error with the configured names and the nearest one", async () => {
    const under = new ServersUnderTest({ memory: counter(), files: counter() });
    const client = under.connect("memry");
    const answer = await client.request("tools/list");
    expect(answer.error).toMatchObject({
      code: -32012,
      message: 'There is no server "memry" in servers.json. Configured: memory, files. Did you mean "memory"?',
      data: { delivered: false, server: "memry", known: ["memory", "files"] },
    });
    await expect(client.session.offer()).rejects.toMatchObject({ code: -32012 });
  });

  it("gets the file's problem when the whole file cannot be read", async () => {
    const under = new ServersUnderTest({});
    writeFileSync(under.file, '{"mcpServers": [');
    const answer = await under.connect("one").request("tools/list");
    expect(answer.error).toMatchObject({ code: -32010, data: { delivered: false } });
    expect(answer.error?.message).toMatch(/servers\.json:1:\d+: not valid JSON/);
  });

  it("gets the problem of its entry", async () => {
    const under = new ServersUnderTest({ one: { command: 5 }, two: counter() });
    const answer = await under.connect("one").request("tools/list");
    expect(answer.error?.message).toMatch(/"one" cannot be used: servers\.json:1:\d+: one: command: must be a string/);
    expect(under.status("one")).toMatchObject({ state: "invalid" });
    expect(await under.connect("two").call("echo")).toBe("{}");
  });
});

it("a server whose environment is still being read is not started after the end of all", async () => {
  const spawned: unknown[] = [];
  let read: (env: Record<string, string>) => void = () => undefined;
  const env = new Promise<Record<string, string>>((resolve) => (read = resolve));
  const under = new ServersUnderTest(
    { one: counter() },
    { env: () => env, onChildrenChanged: (children) => spawned.push(...children) },
  );
  const other = new ServersUnderTest({ one: counter() });
  await under.servers.loaded();
  const asked = under.connect("one").call("echo").catch(String);
  await eventually(() => expect(under.status("one").state).toBe("starting"));
  await under.servers.stop(0);
  read({ ...(process.env as Record<string, string>), COUNTER_FILE: under.record });
  await asked;
  // Another server has started and answered meanwhile.
  await other.connect("one").call("echo");
  expect(spawned).toEqual([]);
});
