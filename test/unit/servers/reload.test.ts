import { renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { counter, eventually, expectGone, ServersUnderTest } from "./hosted.js";

describe("servers.json on disk", () => {
  it("is followed: only the changed server restarts, the new one is there, the old one is gone", async () => {
    const under = new ServersUnderTest({ same: counter(), changed: counter(), gone: counter() });
    const [same, changed, gone] = [under.connect("same"), under.connect("changed"), under.connect("gone")];
    const pids = await Promise.all([same.call("pid"), changed.call("pid"), gone.call("pid")]);
    under.configure({ same: counter(), changed: counter({ COUNTER_VERSION: "2.0.0" }), fresh: counter() });
    await eventually(() =>
      expect(under.servers.status().map(({ name }) => name)).toEqual(["same", "changed", "fresh"]),
    );

    expect(await same.call("pid")).toBe(pids[0]);
    expect(await changed.call("pid")).not.toBe(pids[1]);
    expect(under.status("changed").version).toBe("2.0.0");
    expect(changed.heard("notifications/tools/list_changed").length).toBeGreaterThan(0);
    expect(same.heard("notifications/tools/list_changed")).toEqual([]);
    expect(await under.connect("fresh").call("echo")).toBe("{}");
    await expect(gone.call("pid")).rejects.toMatchObject({ code: -32012 });
    await expectGone(Number(pids[2]));
  });

  it("that cannot be read for a moment changes nothing", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one");
    const pid = await client.call("pid");
    writeFileSync(under.file, '{"mcpServers": {"one": ');
    await eventually(() => expect(under.log.join("\n")).toContain("the servers stay as they were"));
    expect(await client.call("pid")).toBe(pid);
    expect(under.log.join("\n")).toMatch(/servers\.json:1:\d+: not valid JSON/);
  });

  it("that is removed leaves the memory server", async () => {
    const under = new ServersUnderTest({ one: counter() });
    await under.connect("one").call("echo");
    rmSync(under.file);
    await eventually(() => expect(under.servers.status().map(({ name }) => name)).toEqual(["memory"]));
  });

  it("is followed through a symlink as well", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const target = join(under.dir, "dotfiles.json");
    renameSync(under.file, target);
    symlinkSync(target, under.file);
    await under.servers.loaded();
    writeFileSync(target, JSON.stringify({ mcpServers: { two: counter() } }));
    await eventually(() => expect(under.servers.status().map(({ name }) => name)).toEqual(["two"]));
  });

  it("gives a changed server's open calls time to end; the new process starts after that", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one");
    const slow = client.call("slow", { ms: 400, id: "x" });
    await eventually(() => expect(under.executed()).toContain("slow x"));
    under.configure({ one: counter({ COUNTER_VERSION: "2.0.0" }) });
    await under.servers.reload();
    const next = client.call("echo", { id: "y" });
    expect(under.starts()).toHaveLength(1);
    expect(await slow).toContain("slept 400 ms");
    expect(await next).toBe('{"id":"y"}');
    expect(under.starts()).toHaveLength(2);
  });

  it("that is read again by hand says so when it is the same", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one");
    const pid = await client.call("pid");
    await under.servers.reload();
    expect(await client.call("pid")).toBe(pid);
  });
});

describe("restarting a server by hand", () => {
  it("gives it a new process at once, and its backoff is forgotten", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one");
    const before = await client.call("pid");
    await client.request("tools/call", { name: "crash" });
    await client.request("tools/call", { name: "crash" });
    expect(under.status("one").state).toBe("backoff");
    await under.servers.restart("one");
    expect(await client.call("pid")).not.toBe(before);
  });

  it("hands the requests that were not sent yet to the new process", async () => {
    const under = new ServersUnderTest({ one: counter({ COUNTER_START: "slow" }) });
    const client = under.connect("one");
    const waiting = client.call("echo", { id: "x" });
    await eventually(() => expect(under.starts()).toHaveLength(1));
    await under.servers.restart("one");
    expect(await waiting).toBe('{"id":"x"}');
    expect(under.starts()).toHaveLength(2);
    expect(under.executed()).toEqual(["echo x"]);
  });

  it("loses what does not end within five seconds, and says so", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one");
    const slow = client.request("tools/call", { name: "slow", arguments: { ms: 20_000, id: "x" } });
    await eventually(() => expect(under.executed()).toContain("slow x"));
    await under.servers.restart("one");
    expect((await slow).error).toMatchObject({ code: -32011, data: { delivered: true, outcome: "unknown" } });
    expect(await client.call("echo")).toBe("{}");
  });

  it("of an unknown name is refused", async () => {
    const under = new ServersUnderTest({ one: counter() });
    await expect(under.servers.restart("two")).rejects.toMatchObject({ code: -32012 });
  });
});
