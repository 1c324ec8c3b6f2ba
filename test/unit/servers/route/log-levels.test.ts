import { expect, it } from "vitest";

import { LEVEL_WITHOUT_ONE, neededLevel } from "../../../../src/servers/route/log-levels.js";
import type { Port } from "../../../../src/servers/route/port.js";
import { counter, eventually, ServersUnderTest, type TestClient } from "../hosted.js";

const setLevel = async (client: TestClient, level: string): Promise<void> => {
  expect((await client.request("logging/setLevel", { level })).result).toEqual({});
};
const data = (client: TestClient): unknown[] =>
  client.heard("notifications/message").map(({ params }) => params?.["data"]);
/** The changes of the level that the server's processes were given, in this order. */
const levels = (under: ServersUnderTest): string[] =>
  under
    .executed()
    .flatMap((line) => (line.startsWith("level ") ? [line.slice(6)] : []))
    .filter((level, at, all) => level !== all[at - 1]);

it.each([
  [[undefined, undefined], undefined],
  [["error"], "error"],
  [["error", "debug", "emergency"], "debug"],
  [["error", undefined], LEVEL_WITHOUT_ONE],
  [["debug", undefined], "debug"],
] as const)("clients with the levels %j need a server with the level %s", (wanted, needed) => {
  expect(neededLevel(wanted.map((logLevel) => ({ logLevel }) as Port))).toBe(needed);
});

it("each client gets the messages of its own level, and the server is given the most verbose one", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const [all, few, any] = [under.connect("one"), under.connect("one"), under.connect("one")];
  await setLevel(all, "debug");
  await setLevel(few, "error");
  await any.call("log", { level: "debug", data: "a" });
  await any.call("log", { level: "error", data: "b" });
  await any.call("log", { level: "unknown to MCP", data: "c" });
  await eventually(() => expect(data(all)).toEqual(["a", "b"]));
  expect(data(few)).toEqual(["b"]);
  expect(data(any)).toEqual(["a", "b"]);
  expect(levels(under)).toEqual(["debug"]);
});

it("the server is given the level that the remaining clients need when a client leaves", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const [all, few] = [under.connect("one"), under.connect("one")];
  await all.call("echo");
  await setLevel(few, "error");
  await setLevel(all, "debug");
  all.session.close();
  await few.call("echo");
  expect(levels(under)).toEqual([LEVEL_WITHOUT_ONE, "debug", "error"]);
  await under.connect("one").call("echo");
  expect(levels(under).at(-1)).toBe(LEVEL_WITHOUT_ONE);
});

it("a new process gets the level before anything else: after a crash, a restart, an edit, an idle stop", async () => {
  const under = new ServersUnderTest({ one: counter({}, { idle: "100ms" }) });
  const client = under.connect("one");
  await setLevel(client, "warning");
  await expect(client.call("crash")).rejects.toThrow();
  const ends = [
    async () => undefined,
    () => under.servers.restart("one"),
    async () => {
      under.configure({ one: counter({ EDITED: "1" }, { idle: "100ms" }) });
      await under.servers.reload();
    },
    () => eventually(() => expect(under.status("one").state).toBe("stopped")),
  ];
  for (const end of ends) {
    await end();
    await client.call("log", { level: "info", data: "lost" });
    const lines = under.executed().map((line) => line.trim());
    expect(lines.lastIndexOf("level warning")).toBe(lines.lastIndexOf("log") - 1);
  }
  expect(data(client)).toEqual([]);
});

it("a level in the same packet as a call on a server that does not run comes before the call", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const client = under.connect("one");
  const set = client.request("logging/setLevel", { level: "error" });
  const called = client.call("log", { level: "info", data: "lost" });
  expect((await set).result).toEqual({});
  await called;
  expect(data(client)).toEqual([]);
});

it("a server that does not run is not started for a level, and gets it at its start", async () => {
  const under = new ServersUnderTest({ one: counter() });
  await under.connect("one").session.offer();
  const later = new ServersUnderTest({ one: counter() }, { stateDir: under.dir });
  const client = later.connect("one");
  await setLevel(client, "error");
  expect(later.servers.running).toBe(0);
  expect((await client.request("logging/setLevel", { level: "loud" })).error).toMatchObject({ code: -32602 });
  await client.call("log", { level: "info", data: "lost" });
  expect(data(client)).toEqual([]);
});

it("a level that the server refuses is refused, and the one before it stays", async () => {
  const under = new ServersUnderTest({ one: counter() });
  const client = under.connect("one");
  await setLevel(client, "error");
  const refused = await client.request("logging/setLevel", { level: "loud" });
  expect(refused.error).toMatchObject({ code: -32602, message: "No level loud" });
  await client.call("log", { level: "info", data: "lost" });
  expect(data(client)).toEqual([]);
});

it("a server that does not log refuses a level as it does without Lockstep", async () => {
  const env = { COUNTER_HELLO: JSON.stringify({ capabilities: { tools: {} } }) };
  const under = new ServersUnderTest({ one: counter(env) });
  const client = under.connect("one");
  await client.session.offer();
  const refused = await client.request("logging/setLevel", { level: "error" });
  expect(refused.error).toEqual({ code: -32601, message: "Method not found" });
});

it("with share session each client's process has its client's level", async () => {
  const under = new ServersUnderTest({ one: counter({}, { share: "session" }) });
  const [all, few] = [under.connect("one"), under.connect("one")];
  await setLevel(all, "debug");
  await setLevel(few, "error");
  for (const client of [all, few]) await client.call("log", { level: "info", data: "x" });
  expect([data(all), data(few)]).toEqual([["x"], []]);
});

it("with all servers at once a level is set at each server, also at those that start later", async () => {
  const under = new ServersUnderTest({ one: counter(), two: counter() });
  const client = under.connect(undefined);
  await client.call("one__echo");
  await setLevel(client, "error");
  expect((await client.request("logging/setLevel", { level: "loud" })).error).toMatchObject({ code: -32602 });
  await client.call("one__log", { data: "lost" });
  await client.call("two__log", { data: "lost" });
  expect(under.executed().slice(-2)).toEqual(["level error", "log"]);
  expect(levels(under)).toEqual(["error"]);
  expect(data(client)).toEqual([]);
});
