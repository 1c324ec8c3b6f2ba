import { renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { counter, eventually, expectGone, ServersUnderTest } from "./hosted.js";

describe("servers.json on disk", () => {
  it("is followed: only changed servers restart, new ones are added, removed ones end", async () => {
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

  it("changes nothing while it cannot be read", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one");
    const pid = await client.call("pid");
    writeFileSync(under.file, '{"mcpServers": {"one": ');
    await eventually(() => expect(under.log.join("\n")).toContain("the servers stay as they were"));
    expect(await client.call("pid")).toBe(pid);
    expect(under.log.join("\n")).toMatch(/servers\.json:1:\d+: not valid JSON/);
  });

  it("leaves the memory server when it is removed", async () => {
    const under = new ServersUnderTest({ one: counter() });
    await under.connect("one").call("echo");
    rmSync(under.file);
    await eventually(() => expect(under.servers.status().map(({ name }) => name)).toEqual(["memory"]));
  });

  it("is followed through a symlink", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const target = join(under.dir, "dotfiles.json");
    renameSync(under.file, target);
    symlinkSync(target, under.file);
    await under.servers.loaded();
    writeFileSync(target, JSON.stringify({ mcpServers: { two: counter() } }));
    await eventually(() => expect(under.servers.status().map(({ name }) => name)).toEqual(["two"]));
  });

  it("is followed when its symlink, or one that this leads to, is led elsewhere", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const [first, second, middle] = ["first.json", "second.json", "current.json"].map((name) => join(under.dir, name));
    const point = (link: string, target: string): void => {
      symlinkSync(target, `${link}.new`);
      renameSync(`${link}.new`, link);
    };
    const names = (): string[] => under.servers.status().map(({ name }) => name);
    renameSync(under.file, first!);
    writeFileSync(second!, JSON.stringify({ mcpServers: { two: counter() } }));
    point(middle!, first!);
    point(under.file, middle!);
    await under.servers.loaded();
    expect(names()).toEqual(["one"]);

    point(middle!, second!);
    await eventually(() => expect(names()).toEqual(["two"]));
    writeFileSync(second!, JSON.stringify({ mcpServers: { three: counter() } }));
    await eventually(() => expect(names()).toEqual(["three"]));
    point(under.file, first!);
    await eventually(() => expect(names()).toEqual(["one"]));
    writeFileSync(first!, JSON.stringify({ mcpServers: { four: counter() } }));
    await eventually(() => expect(names()).toEqual(["four"]));
  });

  it("an envFile is followed: its servers are restarted with the new variables", async () => {
    const keys = "keys.env";
    const under = new ServersUnderTest({ one: { ...counter(), envFile: keys }, other: counter() });
    await under.servers.loaded();
    expect(under.status("one")).toMatchObject({
      state: "invalid",
      problem: expect.stringContaining("does not exist") as string,
    });
    writeFileSync(join(under.dir, keys), "COUNTER_VERSION=3.0.0\n");
    await eventually(() => expect(under.status("one").state).not.toBe("invalid"));
    const other = await under.connect("other").call("pid");
    await under.connect("one").call("pid");
    expect(under.status("one").version).toBe("3.0.0");

    writeFileSync(join(under.dir, keys), "COUNTER_VERSION=4.0.0\n");
    await eventually(async () => {
      await under.connect("one").call("pid");
      expect(under.status("one").version).toBe("4.0.0");
    });
    expect(await under.connect("other").call("pid")).toBe(other);
  });

  it("gives a changed server's open calls time to end, and starts the new process after that", async () => {
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

  it("restarts nothing when it is read again unchanged", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one");
    const pid = await client.call("pid");
    await under.servers.reload();
    expect(await client.call("pid")).toBe(pid);
  });
});

describe("restarting a server on request", () => {
  it("gives it a new process at once, even during its backoff", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one");
    const before = await client.call("pid");
    await client.request("tools/call", { name: "crash" });
    await client.request("tools/call", { name: "crash" });
    expect(under.status("one").state).toBe("backoff");
    await under.servers.restart("one");
    expect(await client.call("pid")).not.toBe(before);
  });

  it("hands requests that were not sent yet to the new process", async () => {
    const under = new ServersUnderTest({ one: counter({ COUNTER_START: "slow" }) });
    const client = under.connect("one");
    const waiting = client.call("echo", { id: "x" });
    await eventually(() => expect(under.starts()).toHaveLength(1));
    await under.servers.restart("one");
    expect(await waiting).toBe('{"id":"x"}');
    expect(under.starts()).toHaveLength(2);
    expect(under.executed()).toEqual(["echo x"]);
  });

  it("fails calls that do not end within five seconds, with an unknown outcome", async () => {
    const under = new ServersUnderTest({ one: counter() });
    const client = under.connect("one");
    const slow = client.request("tools/call", { name: "slow", arguments: { ms: 20_000, id: "x" } });
    await eventually(() => expect(under.executed()).toContain("slow x"));
    await under.servers.restart("one");
    expect((await slow).error).toMatchObject({ code: -32011, data: { delivered: true, outcome: "unknown" } });
    expect(await client.call("echo")).toBe("{}");
  });

  it("is refused for an unknown name", async () => {
    const under = new ServersUnderTest({ one: counter() });
    await expect(under.servers.restart("two")).rejects.toMatchObject({ code: -32012 });
  });
});
