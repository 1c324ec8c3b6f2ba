import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { addServer, removeServer, ServersEditError, type ServersFile } from "../../../src/config/edit-servers.js";
import { tryLock } from "../../../src/state/lock.js";
import { loadServers } from "../../../src/config/load-servers.js";

let dir: string;
let file: string;
let place: ServersFile;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "lockstep-servers-"));
  file = join(dir, "servers.json");
  place = { servers: file, serversLock: join(dir, "servers.lock") };
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const load = () => loadServers(file, { env: () => ({}), installRoot: "/app", stateDir: dir, execPath: "/bin/node" });

describe("editing servers.json", () => {
  it("without a file the memory server is hosted, with its data in the state directory", async () => {
    const { servers, text } = await load();
    expect(text).toBeUndefined();
    expect(servers.get("memory")).toMatchObject({
      command: "/bin/node",
      args: ["/app/memory.mjs"],
      env: { MEMORY_FILE_PATH: join(dir, "memory.jsonl") },
    });
  });

  it("adding the first server keeps the memory server", async () => {
    await addServer(place, "git", { command: "npx", args: ["git-mcp"] });
    const { servers, problems } = await load();
    expect(problems).toEqual([]);
    expect([...servers.keys()]).toEqual(["memory", "git"]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(["servers.json", "servers.lock"]);
  });

  it("the memory server can be removed even without a file", async () => {
    await removeServer(place, "memory");
    expect((await load()).servers.size).toBe(0);
  });

  it("adding and removing keep comments, order and indentation", async () => {
    writeFileSync(file, '{\n\t// mine\n\t"mcpServers": {\n\t\t"a": { "command": "x" }, // first\n\t},\n}\n');
    await addServer(place, "b", { command: "y" });
    const text = readFileSync(file, "utf8");
    expect(text).toContain("\t// mine\n");
    expect(text).toContain('"a": { "command": "x" }, // first');
    expect(text).toContain('\n\t\t"b": {\n\t\t\t"command": "y"\n\t\t}');
    expect(text.endsWith("},\n\t},\n}\n")).toBe(true);
    await removeServer(place, "a");
    expect(readFileSync(file, "utf8")).toContain("// mine");
  });

  it.each([
    [
      '{"mcpServers":{"a":{"command":"x"}}}',
      '{"mcpServers":{"a":{"command":"x"},\n  "b": {\n    "command": "y"\n  }\n}}',
    ],
    ["{}", '{\n  "mcpServers": {\n    "b": {\n      "command": "y"\n    }\n  }\n}'],
    ["", '{\n  "mcpServers": {\n    "b": {\n      "command": "y"\n    }\n  }\n}\n'],
    [
      '{\r\n "mcpServers": { // none yet\r\n }\r\n}',
      '{\r\n "mcpServers": { // none yet\r\n  "b": {\r\n   "command": "y"\r\n  }\r\n }\r\n}',
    ],
  ])("a server added to %j stands on lines of its own", async (before, after) => {
    writeFileSync(file, before);
    await addServer(place, "b", { command: "y" });
    expect(readFileSync(file, "utf8")).toBe(after);
  });

  it("a server added after trailing commas and comments is read back", async () => {
    writeFileSync(file, '{ "mcpServers": { "a": { "command": "x", }, /* end */ }, }');
    await addServer(place, "b", { command: "y" });
    const { servers, problems } = await load();
    expect([problems, [...servers.keys()]]).toEqual([[], ["a", "b"]]);
  });

  it("an existing name is refused without replace", async () => {
    await addServer(place, "a", { command: "x" });
    await expect(addServer(place, "a", { command: "y" })).rejects.toThrow(ServersEditError);
    await addServer(place, "a", { command: "y" }, { replace: true });
    expect((await load()).servers.get("a")).toMatchObject({ command: "y" });
  });

  it("an invalid name is refused", async () => {
    await expect(addServer(place, " ", { command: "x" })).rejects.toThrow(/empty/);
  });

  it("a file with a syntax error is not changed, and the message has no secrets", async () => {
    const broken = '{"mcpServers": {"a": {"env": {"TOKEN": "s3cret"}} "b": 1}}';
    writeFileSync(file, broken);
    await expect(addServer(place, "c", { command: "x" })).rejects.toThrow(/servers\.json:1:51: not valid JSON/);
    await expect(addServer(place, "c", { command: "x" })).rejects.not.toThrow(/s3cret/);
    expect(readFileSync(file, "utf8")).toBe(broken);
  });

  it("removing an unknown server is an error", async () => {
    writeFileSync(file, '{"mcpServers": {}}');
    await expect(removeServer(place, "a")).rejects.toThrow(/has no server "a"/);
  });

  it("a symlink is kept, even if its target does not exist yet", async () => {
    symlinkSync("dotfiles.json", file);
    await addServer(place, "a", { command: "x" });
    await addServer(place, "b", { command: "x" });
    expect(readlinkSync(file)).toBe("dotfiles.json");
    expect([...(await load()).servers.keys()]).toEqual(["memory", "a", "b"]);
  });

  it("a file keeps its mode, and a new one is private", async () => {
    writeFileSync(file, "{}");
    chmodSync(file, 0o640);
    await addServer(place, "a", { command: "x" });
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });

  it("a chain of links is followed to the file that is there", async () => {
    symlinkSync("first.json", file);
    symlinkSync("second.json", join(dir, "first.json"));
    writeFileSync(join(dir, "second.json"), '{"mcpServers":{}}');
    await addServer(place, "a", { command: "x" });
    expect(readFileSync(join(dir, "second.json"), "utf8")).toContain('"a"');
    expect([readlinkSync(file), readlinkSync(join(dir, "first.json"))]).toEqual(["first.json", "second.json"]);
  });

  it("a replaced entry is returned, and its settings for Lockstep are kept", async () => {
    writeFileSync(file, '{"mcpServers":{"a":{"command":"x","lockstep":{"idle":"1h","share":"session"}}}}');
    const replaced = await addServer(place, "a", { command: "y" }, { replace: true });
    expect(replaced).toBe('{"command":"x","lockstep":{"idle":"1h","share":"session"}}');
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
      mcpServers: { a: { command: "y", lockstep: { idle: "1h", share: "session" } } },
    });
  });

  it("an entry that replaces the built-in server is not built in", async () => {
    await addServer(place, "memory", { command: "y" }, { replace: true });
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ mcpServers: { memory: { command: "y" } } });
  });

  it("a removed entry is returned as it was written, or as JSON where it is not JSON", async () => {
    writeFileSync(
      file,
      '{"mcpServers":{"a":{"n": 12345678901234567890},"b":{"command":"x", /* why */},"c":{\n  "command": "x"\n}}}',
    );
    expect(await removeServer(place, "a")).toBe('{"n": 12345678901234567890}');
    expect(await removeServer(place, "b")).toBe('{"command":"x"}');
    expect(await removeServer(place, "c")).toBe('{ "command": "x" }');
  });

  it("every entry of a name is replaced or removed, since the last one counts", async () => {
    writeFileSync(file, '{"mcpServers":{"a":{"command":"x"},"a":{"command":"y"}},"servers":{"a":{"command":"z"}}}');
    expect(await removeServer(place, "a")).toBe('{"command":"y"}');
    expect((await load()).servers.size).toBe(0);
  });

  it("the servers of a file that has them under another tool's key stay there", async () => {
    writeFileSync(file, '{"servers":{"a":{"command":"x"}}}');
    await addServer(place, "b", { command: "y" });
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
      servers: { a: { command: "x" }, b: { command: "y" } },
    });
  });

  it.each(["\uFEFF{}", '{"mcpServers": null}'])("a server is added to %j", async (before) => {
    writeFileSync(file, before);
    await addServer(place, "a", { command: "x" });
    expect([...(await load()).servers.keys()]).toEqual(["a"]);
    expect(readFileSync(file, "utf8").startsWith("\uFEFF")).toBe(before.startsWith("\uFEFF"));
  });

  it("an edit waits for the one that is under way, and edits the file as that one leaves it", async () => {
    const lock = tryLock(place.serversLock);
    const added = addServer(place, "b", { command: "y" });
    writeFileSync(file, '{"mcpServers":{"a":{"command":"x"}}}');
    lock?.release();
    await added;
    expect([...(await load()).servers.keys()]).toEqual(["a", "b"]);
  });
});
