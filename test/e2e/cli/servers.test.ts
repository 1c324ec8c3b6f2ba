import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";

import { it as base } from "../../fixtures/it/with-box.js";
import { until } from "../../fixtures/sandbox.js";
import { COUNTER, counter } from "../../fixtures/servers/counting-server.js";

const it = base
  .extend("file", ({ box }) => join(box.dir, "servers.json"))
  .extend("add", ({ box }) => {
    return (name: string, ...more: string[]) => box.run(["add", name, ...more, "--", process.execPath, COUNTER]);
  })
  .extend("servers", ({ box }) => {
    return async () => {
      const { stdout } = await box.run(["servers", "--json"]);
      return (JSON.parse(stdout) as { name: string; state: string }[]).map(({ name }) => name);
    };
  });

describe("add", () => {
  it("add creates a private file and keeps the built-in memory server", async ({ file, add, servers }) => {
    expect(await add("counter")).toMatchObject({ code: 0, stdout: `added counter in ${file}\n` });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await servers()).toEqual(["memory", "counter"]);
  });

  it("add takes effect in a running daemon at once, and starts none", async ({ box, add }) => {
    const before = await add("early");
    expect(before.stderr).toContain("no daemon is running");
    expect(box.daemons()).toEqual([]);
    await box.run(["start"]);
    const added = await add("counter", "--env", "COUNTER_VERSION=7.7.7");
    expect(added.stderr).toMatch(/the daemon \(PID \d+\) has read it/);
    expect(await box.run(["call", "counter", "echo", "a=1"])).toMatchObject({ code: 0 });
    expect((await box.run(["status"])).stdout).toContain("7.7.7");
  });

  it("add refuses a name that is taken, unless --force is given", async ({ box, file, add }) => {
    await add("counter");
    const again = await box.run(["add", "counter", "--url", "https://mcp.example.com/mcp"]);
    expect(again).toMatchObject({ code: 1, stdout: "" });
    expect(again.stderr).toMatch(/a server "counter" already exists: use --force/);
    const forced = await box.run(["add", "counter", "--url", "https://mcp.example.com/mcp", "--force"]);
    expect(forced).toMatchObject({ code: 0, stdout: `replaced counter in ${file}\n` });
    expect(readFileSync(file, "utf8")).toContain("https://mcp.example.com/mcp");
  });

  it("add --force keeps the settings for Lockstep and shows the old entry without its secrets", async ({
    box,
    file,
  }) => {
    const old = { command: "x", env: { TOKEN: "s3cr3t" }, lockstep: { idle: "1h" } };
    box.writeServers({ counter: old });
    const forced = await box.run(["add", "counter", "--force", "--", "y"]);
    expect(forced).toMatchObject({ code: 0, stdout: `replaced counter in ${file}\n` });
    expect(forced.stderr).toContain('the entry was, without its secrets: {"command":"x","env":{"TOKEN":"…"}');
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
      mcpServers: { counter: { command: "y", lockstep: { idle: "1h" } } },
    });
  });

  it("twenty-four servers that are added at once are all there afterwards", async ({ box, file }) => {
    const names = Array.from({ length: 24 }, (_, index) => `s${index}`);
    const added = await Promise.all(names.map((name) => box.run(["add", name, "--", "x"])));
    expect(added.map(({ code }) => code)).toEqual(names.map(() => 0));
    const { mcpServers } = JSON.parse(readFileSync(file, "utf8")) as { mcpServers: object };
    expect(Object.keys(mcpServers).sort()).toEqual(["memory", ...names].sort());
  });

  it.for<[string, string[]]>([
    ["a name with a line end", ["add", "a\nb", "--", "x"]],
    ["a missing command", ["add", "a"]],
    ["an option that belongs after the dashes", ["add", "a", "npx", "-y", "x"]],
    ["an unknown URL scheme", ["add", "a", "--url", "ftp://x"]],
  ])("add rejects %s with exit 2 and writes nothing", async ([_title, words], { box, file }) => {
    expect(await box.run(words)).toMatchObject({ code: 2 });
    expect(existsSync(file)).toBe(false);
  });

  it("add leaves a broken file unchanged and says where it is broken", async ({ box, file, add }) => {
    await box.run(["status"]);
    await add("counter");
    writeFileSync(file, '{\n  "mcpServers": {,}\n}');
    const result = await add("other");
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/servers\.json:2:/);
    expect(readFileSync(file, "utf8")).toBe('{\n  "mcpServers": {,}\n}');
  });
});

describe("a servers.json that cannot be read", () => {
  const BROKEN = '{\n  "mcpServers": {\n    "a": { "command": "x" "args": [] }\n  }\n}\n';

  it.for([
    ["servers"],
    ["tools"],
    ["tools", "a"],
    ["call", "a", "t"],
    ["call", "a", "t", "k=v"],
    ["add", "b", "--", "x"],
    ["remove", "a"],
    ["doctor"],
  ])("%j says where it is broken, and fails", async (words, { box, file }) => {
    box.writeServers({});
    writeFileSync(file, BROKEN);
    const { code, stdout, stderr } = await box.run(words);
    expect(code).toBe(1);
    expect(stdout + stderr).toContain(`${file}:3:27`);
  });

  it("servers and tools list what still runs, and say that the file is broken", async ({ box, file }) => {
    box.writeServers({ counter: counter() });
    await box.run(["call", "counter", "echo"]);
    writeFileSync(file, BROKEN);
    await until("the daemon has noticed", () => box.logLines("stay as they were").length > 0);
    for (const command of ["servers", "tools"]) {
      const { code, stdout, stderr } = await box.run([command]);
      expect(code).toBe(1);
      expect(stdout).toContain("counter");
      expect(stderr).toContain(`${file}:3:27`);
    }
    const report = JSON.parse((await box.run(["servers", "--json"])).stdout) as { error: unknown; servers: object[] };
    expect(report).toMatchObject({ error: { exitCode: 1 }, servers: [{ name: "counter" }] });
  });
});

it("a server can be called as soon as it is in servers.json", async ({ box }) => {
  box.writeServers({});
  await box.run(["start"]);
  await box.run(["servers"]);
  for (const name of ["first", "second", "third"]) {
    box.writeServers({ [name]: counter() });
    expect(await box.run(["call", name, "echo"])).toMatchObject({ code: 0 });
  }
});

describe("remove", () => {
  it("remove prints what was removed, so that it can be restored", async ({ box, add, servers }) => {
    await add("counter", "--env", "A=1");
    const { code, stdout } = await box.run(["remove", "counter"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ counter: { command: process.execPath, args: [COUNTER], env: { A: "1" } } });
    expect(await servers()).toEqual(["memory"]);
  });

  it("remove ends the server's process", async ({ box, add }) => {
    await add("counter");
    const { stdout: pid } = await box.run(["call", "counter", "pid"]);
    await box.run(["remove", "counter"]);
    await until("its process is gone", () => !existsSync(`/proc/${pid.trim()}`));
  });

  it("remove also removes the built-in memory server, which no file names", async ({ box, servers }) => {
    expect(await box.run(["remove", "memory"])).toMatchObject({ code: 0 });
    expect(await servers()).toEqual([]);
  });

  it("remove rejects an unknown server", async ({ box }) => {
    const result = await box.run(["remove", "nothing"]);
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toContain('has no server "nothing"');
  });
});

describe("tools", () => {
  it("tools lists one server's tools with their arguments", async ({ box }) => {
    const { code, stdout } = await box.run(["tools", "memory"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}search_nodes – Search for nodes/m);
    expect(stdout).toMatch(/^ {6}query \(string\) – /m);
  });

  it("tools lists all servers' tools under their names, even if one server fails", async ({ box }) => {
    box.writeServers({
      counter: counter(),
      broken: { command: "no-such-program-anywhere" },
    });
    const { code, stdout, stderr } = await box.run(["tools"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^lockstep: broken: .*no-such-program-anywhere/m);
    expect(stdout).toMatch(/^counter\n {2}echo$/m);
    // The second page of its list, too.
    expect(stdout).toMatch(/^ {2}pid$/m);
  });

  it("tools --json prints the complete tools", async ({ box }) => {
    const { stdout } = await box.run(["tools", "memory", "--json"]);
    const tools = JSON.parse(stdout) as { name: string; inputSchema: { type: string } }[];
    expect(tools.find(({ name }) => name === "read_graph")?.inputSchema.type).toBe("object");
    const all = JSON.parse((await box.run(["tools", "--json"])).stdout) as Record<string, unknown[]>;
    expect(all["memory"]).toHaveLength(tools.length);
  });

  it("tools of an unknown server exits with 2", async ({ box }) => {
    expect(await box.run(["tools", "memori"])).toMatchObject({ code: 2 });
  });
});

it("ten commands that write to the built-in memory server at once are all kept", async ({ box }) => {
  await box.run(["start"]);
  const names = Array.from({ length: 10 }, (_, index) => `entity ${index}`);
  const calls = await Promise.all(
    names.map((name) => {
      const entities = [{ name, entityType: "test", observations: [] }];
      return box.run(["call", "memory", "create_entities", JSON.stringify({ entities })]);
    }),
  );
  expect(calls.map(({ code }) => code)).toEqual(names.map(() => 0));
  const { stdout } = await box.run(["call", "memory", "read_graph"]);
  const { entities } = JSON.parse(stdout) as { entities: { name: string }[] };
  expect(entities.map(({ name }) => name).sort()).toEqual(names);
});
