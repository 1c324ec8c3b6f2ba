import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

import { DEFAULT_LIFECYCLE, type ServerConfig } from "../../../src/config/server-config.js";
import { BridgeViews } from "../../../src/servers/bridge-views.js";
import { ListStore } from "../../../src/servers/list-store.js";
import { readBridgeView } from "../../../src/state/catalogue.js";
import { it } from "../../fixtures/it/with-directory.js";

const config = (env: Record<string, string> = {}): ServerConfig => ({
  ...DEFAULT_LIFECYCLE,
  kind: "stdio",
  command: "node",
  args: ["server.js"],
  env,
  cwd: "/",
});
const TOOLS = '{"tools":[{"name":"one","inputSchema":{"maximum":12345678901234567890}}]}';
const impossible = (problem: string): never => {
  throw new Error(problem);
};

it("a list is known to the next daemon with all digits of its numbers, and to the same configuration only", ({
  directory,
}) => {
  new ListStore(directory, impossible).put(config(), "tools/list", TOOLS);
  const next = new ListStore(directory, impossible);
  expect(next.get(config(), "tools/list")).toBe(TOOLS);
  expect(next.get(config(), "prompts/list")).toBeUndefined();
  expect(next.get(config({ OTHER: "1" }), "tools/list")).toBeUndefined();
  const [file] = readdirSync(directory);
  expect(statSync(join(directory, file!)).mode & 0o777).toBe(0o600);
});

it("a list that repeats a secret of its entry is not written, and takes the place of the one that was", ({
  directory,
}) => {
  const secret = config({ TOKEN: "ghp_16C7e42F292c6912E7710c838347Ae178B4a" });
  const store = new ListStore(directory, impossible);
  store.put(secret, "tools/list", TOOLS);
  store.put(secret, "tools/list", '{"tools":[{"name":"with ghp_16C7e42F292c6912E7710c838347Ae178B4a"}]}');
  expect(new ListStore(directory, impossible).get(secret, "tools/list")).toBeUndefined();
  const [file] = readdirSync(directory);
  expect(readFileSync(join(directory, file!), "utf8")).not.toContain("ghp_");
});

it.for(["", "{", "[]", '{"format":2,"lists":{"tools/list":"{}"}}', '{"format":1,"lists":{"tools/list":"no JSON"}}'])(
  "a file with %j counts as empty",
  (content, { directory }) => {
    new ListStore(directory, impossible).put(config(), "tools/list", TOOLS);
    const [file] = readdirSync(directory);
    writeFileSync(join(directory, file!), content);
    expect(new ListStore(directory, impossible).get(config(), "tools/list")).toBeUndefined();
  },
);

it("a directory that cannot be written is reported, and the list is known all the same", ({ directory }) => {
  writeFileSync(join(directory, "file"), "");
  const problems: string[] = [];
  const store = new ListStore(join(directory, "file"), (problem) => problems.push(problem));
  store.put(config(), "tools/list", TOOLS);
  expect(problems).toEqual([expect.stringMatching(/^cannot write .*file/)]);
  expect(store.get(config(), "tools/list")).toBe(TOOLS);
});

it("what bridges were answered is known as long as servers.json stays the same", ({ directory }) => {
  const servers = join(directory, "servers.json");
  writeFileSync(servers, '\uFEFF{"mcpServers":{}}');
  const views = new BridgeViews(directory, () => '{"mcpServers":{}}', impossible);
  const answered = { method: "tools/list", resultText: TOOLS, repeatsSecret: () => false } as const;
  views.note("a/b", answered);
  views.note(undefined, { ...answered, method: "prompts/list", resultText: '{"prompts":[]}' });
  expect(readBridgeView(directory, servers, "a/b")?.lists).toEqual({ "tools/list": TOOLS });
  expect(readBridgeView(directory, servers, undefined)?.lists).toEqual({ "prompts/list": '{"prompts":[]}' });
  expect(readBridgeView(directory, servers, "other")).toBeUndefined();
  writeFileSync(servers, '{"mcpServers":{"more":{}}}');
  expect(readBridgeView(directory, servers, "a/b")).toBeUndefined();
});

it("neither a list nor a hello with a secret is written for bridges", ({ directory }) => {
  const views = new BridgeViews(directory, () => undefined, impossible);
  const hello = { protocolVersion: "2025-11-25", serverInfo: { name: "s", version: "secret" }, capabilities: {} };
  const repeatsSecret = (value: unknown): boolean => JSON.stringify(value).includes("secret");
  views.note("s", { method: "tools/list", resultText: '{"tools":["secret"]}', hello, repeatsSecret });
  views.note("s", { method: "prompts/list", resultText: '{"prompts":[]}', hello, repeatsSecret });
  const view = readBridgeView(directory, join(directory, "servers.json"), "s");
  expect(view).toMatchObject({ lists: { "prompts/list": '{"prompts":[]}' } });
  expect(JSON.stringify(view)).not.toContain("secret");
});
