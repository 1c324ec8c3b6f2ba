import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { counter, eventually, ServersUnderTest } from "./hosted.js";

const HELLOS = "server-hellos.json";
const hello = (members: object): Record<string, string> => ({ COUNTER_HELLO: JSON.stringify(members) });

/** Hosted servers of a daemon that follows the one of `earlier`. */
function next(earlier: ServersUnderTest, env: Record<string, string> = {}): ServersUnderTest {
  const entries = (JSON.parse(readFileSync(earlier.file, "utf8")) as { mcpServers: object }).mcpServers;
  return new ServersUnderTest(entries as Record<string, never>, {
    stateDir: earlier.dir,
    env: async () => ({ ...(process.env as Record<string, string>), ...env }),
  });
}

describe("the answer of a shared server to initialize", () => {
  it("the first client gets the server's own capabilities, instructions and description, however slowly it starts", async () => {
    const described = { serverInfo: { name: "counter", version: "3", title: "Counter", websiteUrl: "https://e.org" } };
    const capabilities = { tools: {}, experimental: { own: { a: 1 } } };
    const under = new ServersUnderTest({
      one: counter({ COUNTER_START: "slow", ...hello({ ...described, capabilities }) }),
    });
    const offer = await under.connect("one").session.offer();
    expect(offer).toEqual({
      capabilities,
      ...described,
      instructions: "Count on me.",
      protocolVersion: "2025-11-25",
    });
  });

  it("the next daemon answers with it without a start of the server", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const offer = await under.connect("one").session.offer();
    const later = next(under);
    expect(await later.connect("one").session.offer()).toEqual(offer);
    expect(later.servers.running).toBe(0);
    expect(statSync(join(under.dir, HELLOS)).mode & 0o777).toBe(0o600);
  });

  it("another configuration is waited for, and so is any after the file was damaged", async () => {
    const under = new ServersUnderTest({ one: counter() });
    await under.connect("one").session.offer();
    under.configure({ one: counter(hello({ instructions: "Others." })) });
    const edited = next(under);
    expect(await edited.connect("one").session.offer()).toMatchObject({ instructions: "Others." });
    expect(edited.servers.running).toBe(1);
    writeFileSync(join(under.dir, HELLOS), '{"format": 1, "hellos": {"');
    const damaged = next(edited);
    expect(await damaged.connect("one").session.offer()).toMatchObject({ instructions: "Others." });
    expect(damaged.servers.running).toBe(1);
  });

  it("clients read their lists again when the server turns out to be another one than the last time", async () => {
    const under = new ServersUnderTest({ one: counter() });
    await under.connect("one").session.offer();
    const later = next(under, hello({ capabilities: { prompts: {} } }));
    const client = later.connect("one");
    expect(await client.session.offer()).toMatchObject({ capabilities: { tools: {} } });
    await client.call("echo");
    // What it had as well as what it has.
    for (const list of ["tools", "prompts", "resources"]) {
      await eventually(() => expect(client.heard(`notifications/${list}/list_changed`)).toHaveLength(1));
    }
    expect(await later.connect("one").session.offer()).toMatchObject({ capabilities: { prompts: {} } });
  });

  it("an answer that repeats a secret of its entry is not written to the disk", async () => {
    const secret = 'quoted "secret" value';
    const under = new ServersUnderTest({
      one: counter({ API_TOKEN: secret, ...hello({ instructions: `Use ${secret}.` }) }),
      two: counter(),
    });
    expect(await under.connect("one").session.offer()).toMatchObject({ instructions: `Use ${secret}.` });
    await under.connect("two").session.offer();
    const written = readFileSync(join(under.dir, HELLOS), "utf8");
    expect(written).toContain("Count on me.");
    expect(written).not.toContain("secret");
  });

  it("an older client gets its own protocol version, and an older server's is not hidden", async () => {
    const under = new ServersUnderTest({ one: counter(), old: counter(hello({ protocolVersion: "2024-11-05" })) });
    const [old, recent] = [{ protocolVersion: "2025-06-18" }, { protocolVersion: "2025-11-25" }];
    expect(await under.connect("one", old).session.offer()).toMatchObject(old);
    expect(await under.connect("one", recent).session.offer()).toMatchObject(recent);
    expect(await under.connect("old", old).session.offer()).toMatchObject({ protocolVersion: "2024-11-05" });
  });

  it("a wait for a server goes on with its new entry when the entry changes meanwhile", async () => {
    const under = new ServersUnderTest({ one: counter({ COUNTER_START: "never" }) });
    const offer = under.connect("one").session.offer();
    await eventually(() => expect(under.starts()).toHaveLength(1));
    under.configure({ one: counter() });
    await under.servers.reload();
    expect(await offer).toMatchObject({ instructions: "Count on me." });
  });

  it.each(["restart", "drain"])("a wait for a server that does not answer ends well at a %s", async (what) => {
    const under = new ServersUnderTest({ one: counter({ COUNTER_START: "signal" }) });
    const offer = under.connect("one").session.offer();
    await eventually(() => expect(under.starts()).toHaveLength(1));
    if (what === "drain") {
      await Promise.all([under.servers.stop(600), expect(offer).rejects.toMatchObject({ code: -32001 })]);
      return;
    }
    await under.servers.restart("one");
    await eventually(() => expect(under.starts()).toHaveLength(2));
    process.kill(under.starts()[1]!, "SIGUSR2");
    expect(await offer).toMatchObject({ instructions: "Count on me." });
  });

  it("a server that cannot be started is an error with the reason and its last words, not an empty offer", async () => {
    const under = new ServersUnderTest({ one: counter({ COUNTER_START: "exit" }) });
    await expect(under.connect("one").session.offer()).rejects.toMatchObject({
      code: -32010,
      message: expect.stringMatching(/exited with code 3.*cannot find my configuration/) as string,
      data: { delivered: false, server: "one" },
    });
    await expect(under.connect("two").session.offer()).rejects.toMatchObject({ code: -32012 });
  });
});

describe("with share session", () => {
  const own = (env: Record<string, string> = {}) => counter(env, { share: "session" });

  it("a server gets its client's own introduction at the client's initialize", async () => {
    const under = new ServersUnderTest({ one: own() });
    const capabilities = { roots: {}, experimental: { own: { b: 2 }, lockstep: { role: "bridge" } } };
    const client = under.connect("one", { protocolVersion: "2025-06-18", capabilities });
    expect(await client.session.offer()).toMatchObject({ protocolVersion: "2025-06-18" });
    expect(JSON.parse(await client.call("introduction"))).toEqual({
      protocolVersion: "2025-06-18",
      clientInfo: { name: "test", version: "1" },
      capabilities: { roots: {}, experimental: { own: { b: 2 } } },
    });
  });

  it("every client's server has asked for the roots before the client's first request", async () => {
    const under = new ServersUnderTest({ one: own({ COUNTER_ROOTS: "1" }) });
    for (const uri of ["file:///first", "file:///second"]) {
      const client = under.connect("one", { capabilities: { roots: {} } });
      client.onRequest = () => ({ roots: [{ uri }] });
      await client.session.offer();
      await eventually(() => expect(client.heard("roots/list")).toHaveLength(1));
      await new Promise(setImmediate); // The client has answered.
      expect(await client.call("roots")).toContain(uri);
    }
  });
});

it("a shared server's log says once that its clients' roots are not for it, and what would give it some", async () => {
  const under = new ServersUnderTest({ one: counter() });
  for (let clients = 0; clients < 2; clients++) {
    const client = under.connect("one", { capabilities: { roots: {} } });
    await client.call("echo");
    await client.call("echo");
  }
  const lines = under.log.filter((line) => line.includes("roots"));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('"lockstep": {"share": "session"}');
});

it.each([["one"], [undefined]])(
  "a client of %s that leaves before the configuration has been read leaves no session and no process",
  async (server) => {
    for (const share of ["shared", "session"]) {
      const under = new ServersUnderTest({ one: counter({}, { share }) });
      const client = under.connect(server);
      const offer = client.session.offer().catch(() => undefined);
      void client.request("tools/list");
      client.notify("notifications/roots/list_changed");
      client.session.close();
      await offer;
      await under.servers.loaded();
      expect(under.status("one")).toMatchObject({ sessions: 0 });
      expect(under.servers.running).toBe(0);
      expect(under.servers.inFlight).toBe(0);
    }
  },
);
