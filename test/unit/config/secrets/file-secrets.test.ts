import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { secretsOfFile } from "../../../../src/config/secrets/file-secrets.js";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ks-"));
  file = join(folder, "servers.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

const secretsIn = (text: string, env = {}): Promise<string[]> => {
  writeFileSync(file, text);
  return secretsOfFile(file, env);
};
const entry = (value: object): string => JSON.stringify({ mcpServers: { one: value } });

it.each<[string, string, string[]]>([
  ["env, whatever its name", entry({ command: "x", env: { PLACE: "blue-lagoon" } }), ["blue-lagoon"]],
  ["numbers in env", entry({ command: "x", env: { PIN: 12345678 } }), ["12345678"]],
  [
    "headers, whole and in words",
    entry({ url: "http://e.org", headers: { A: "Bearer tok-12" } }),
    ["Bearer tok-12", "tok-12"],
  ],
  [
    "a URL's user part and query",
    entry({ url: "http://adalov:engines@e.org/?key=query-key" }),
    ["adalov", "engines", "query-key"],
  ],
  ["an entry that is disabled", entry({ disabled: true, command: "x", env: { A: "blue-lagoon" } }), ["blue-lagoon"]],
  ["an entry that is wrong", entry({ command: 1, env: { A: "blue-lagoon" } }), ["blue-lagoon"]],
  ["a file that breaks off", '{"mcpServers": {"one": {"env": {"A": "blue-lagoon", "B":', ["blue-lagoon"]],
  ["a list of variables", entry({ command: "x", env: ["A=blue-lagoon"] }), ["blue-lagoon"]],
  ["an address under another key", entry({ serverUrl: "http://e.org/?key=query-key" }), ["query-key"]],
  ["an address's path", entry({ url: "http://e.org/s/path-secret/mcp" }), ["path-secret"]],
  ["VS Code's key", JSON.stringify({ servers: { one: { env: { A: "blue-lagoon" } } } }), ["blue-lagoon"]],
  ["a default", entry({ command: "x", args: ["--key=${NOWHERE:-blue-lagoon}"] }), ["blue-lagoon"]],
  ["nothing", "", []],
  ["no servers", "[1]", []],
])("takes the secrets of %s", async (_, text, secrets) => {
  expect(await secretsIn(text)).toEqual(secrets.length === 0 ? [] : expect.arrayContaining(secrets));
});

it("a variable counts with its value, and as written if it is not set", async () => {
  const text = entry({ env: { A: "${PLACE}-1", B: "${NOWHERE}" }, url: "http://e.org/?key=${PLACE}" });
  const secrets = await secretsIn(text, { PLACE: "blue-lagoon" });
  expect(secrets).toEqual(expect.arrayContaining(["blue-lagoon-1", "blue-lagoon", "${NOWHERE}"]));
});

it("the variables in an env file are secrets", async () => {
  writeFileSync(join(folder, "keys.env"), 'A="blue-lagoon"\n');
  expect(await secretsIn(entry({ command: "x", envFile: "keys.env" }))).toContain("blue-lagoon");
});

it("a missing file has no secrets, and an unreadable one is an error", async () => {
  expect(await secretsOfFile(join(folder, "missing.json"), {})).toEqual([]);
  await expect(secretsOfFile(folder, {})).rejects.toThrow(/its secrets are not known/);
});
