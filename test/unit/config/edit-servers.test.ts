import {
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

import { addServer, removeServer, ServersEditError } from "../../../src/config/edit-servers.js";
import { loadServers } from "../../../src/config/load-servers.js";

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "lockstep-servers-"));
  file = join(dir, "servers.json");
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
    addServer(file, "git", { command: "npx", args: ["git-mcp"] });
    const { servers, problems } = await load();
    expect(problems).toEqual([]);
    expect([...servers.keys()]).toEqual(["memory", "git"]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(["servers.json"]);
  });

  it("the memory server can be removed even without a file", async () => {
    removeServer(file, "memory");
    expect((await load()).servers.size).toBe(0);
  });

  it("adding and removing keep comments, order and indentation", () => {
    writeFileSync(file, '{\n\t// mine\n\t"mcpServers": {\n\t\t"a": { "command": "x" }, // first\n\t},\n}\n');
    addServer(file, "b", { command: "y" });
    const text = readFileSync(file, "utf8");
    expect(text).toContain("\t// mine\n");
    expect(text).toContain('"a": { "command": "x" }, // first');
    expect(text).toContain('\n\t\t"b": {\n\t\t\t"command": "y"\n\t\t}');
    expect(text.endsWith("},\n\t},\n}\n")).toBe(true);
    removeServer(file, "a");
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
  ])("a server added to %j stands on lines of its own", (before, after) => {
    writeFileSync(file, before);
    addServer(file, "b", { command: "y" });
    expect(readFileSync(file, "utf8")).toBe(after);
  });

  it("a server added after trailing commas and comments is read back", async () => {
    writeFileSync(file, '{ "mcpServers": { "a": { "command": "x", }, /* end */ }, }');
    addServer(file, "b", { command: "y" });
    const { servers, problems } = await load();
    expect([problems, [...servers.keys()]]).toEqual([[], ["a", "b"]]);
  });

  it("an existing name is refused without replace", async () => {
    addServer(file, "a", { command: "x" });
    expect(() => addServer(file, "a", { command: "y" })).toThrow(ServersEditError);
    addServer(file, "a", { command: "y" }, { replace: true });
    expect((await load()).servers.get("a")).toMatchObject({ command: "y" });
  });

  it("an invalid name is refused", () => {
    expect(() => addServer(file, " ", { command: "x" })).toThrow(/empty/);
  });

  it("a file with a syntax error is not changed, and the message has no secrets", () => {
    const broken = '{"mcpServers": {"a": {"env": {"TOKEN": "s3cret"}} "b": 1}}';
    writeFileSync(file, broken);
    expect(() => addServer(file, "c", { command: "x" })).toThrow(/servers\.json:1:51: not valid JSON/);
    expect(() => addServer(file, "c", { command: "x" })).not.toThrow(/s3cret/);
    expect(readFileSync(file, "utf8")).toBe(broken);
  });

  it("removing an unknown server is an error", () => {
    writeFileSync(file, '{"mcpServers": {}}');
    expect(() => removeServer(file, "a")).toThrow(/has no server "a"/);
  });

  it("a symlink is kept, even if its target does not exist yet", async () => {
    symlinkSync("dotfiles.json", file);
    addServer(file, "a", { command: "x" });
    addServer(file, "b", { command: "x" });
    expect(readlinkSync(file)).toBe("dotfiles.json");
    expect([...(await load()).servers.keys()]).toEqual(["memory", "a", "b"]);
  });
});
