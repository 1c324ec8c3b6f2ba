import { describe, expect, it } from "vitest";

import { formatProblem } from "../../../src/config/problem.js";
import { parseServers } from "../../../src/config/parse-servers.js";

const FILES: Record<string, string> = {
  "/cfg/keys.env": '\uFEFF# the keys\nexport A=one\r\nB="two words"\nC=from file\nD=$X ${Y}\n',
  "/home/ada/w/keys.env": "A=of the project\n",
};

const parse = (text: string) =>
  parseServers(text, {
    env: { HOME: "/home/ada", TOKEN: "t0k", EMPTY: "", "": "nothing" },
    home: "/home/ada",
    builtins: {},
    directory: "/cfg",
    readEnvFile: (path) => {
      const file = FILES[path];
      if (file === undefined)
        throw Object.assign(new Error(path), { code: path === "/secret.env" ? "EACCES" : "ENOENT" });
      return file;
    },
  });
const entry = (json: string) => {
  const { servers, problems } = parse(`{"mcpServers": {"one": ${json}}}`);
  return { config: servers.get("one"), problems: problems.map((problem) => formatProblem("servers.json", problem)) };
};
const argument = (text: string) => {
  const { config, problems } = entry(JSON.stringify({ command: "x", args: [text] }));
  return config?.kind === "stdio" ? config.args[0] : problems;
};

describe("what other programs write into the file", () => {
  it.each([
    [
      "nulls and empty values stand for what is not given",
      '{"command": "x", "url": "", "serverUrl": null, "args": null, "env": [], "headers": null, "cwd": "", "envFile": "", "lockstep": null}',
      { command: "x", args: [], env: {}, cwd: undefined },
    ],
    [
      "an empty command is no command",
      '{"command": "", "args": [], "url": "https://e.org"}',
      { kind: "url", url: "https://e.org" },
    ],
    ["env as a list", '{"command": "x", "env": ["A=b=c", "B=", "T=${TOKEN}"]}', { env: { A: "b=c", B: "", T: "t0k" } }],
    ["a null in env", '{"command": "x", "env": {"A": null, "B": ""}}', { env: { B: "" } }],
    [
      "numbers and booleans as they are written",
      '{"command": "x", "args": [8080, true, 12345678901234567890, 1.10], "env": {"PORT": 1e3}}',
      { args: ["8080", "true", "12345678901234567890", "1.10"], env: { PORT: "1e3" } },
    ],
    [
      "a command with its arguments as a list",
      '{"type": "local", "command": ["npx", "-y", "it"], "args": ["more"], "enabled": true}',
      { command: "npx", args: ["-y", "it", "more"] },
    ],
    ["a type of sse", '{"type": "SSE", "url": "https://e.org/sse"}', { kind: "url", transport: "sse" }],
    ["a transport of sse", '{"transport": "sse", "url": "https://e.org/sse"}', { kind: "url", transport: "sse" }],
    ["another type of transport", '{"type": "streamable-http", "url": "https://e.org"}', { transport: "http" }],
    ["Windsurf's address", '{"serverUrl": "https://e.org/a"}', { kind: "url", url: "https://e.org/a" }],
    [
      "Gemini CLI's address",
      '{"httpUrl": "https://e.org/b", "headers": {"X": 5, "Y": ""}}',
      { url: "https://e.org/b", headers: { X: "5" } },
    ],
    [
      "a variable named __proto__",
      '{"command": "x", "env": {"__proto__": "a", "constructor": "b"}}',
      {
        env: Object.fromEntries([
          ["__proto__", "a"],
          ["constructor", "b"],
        ]),
      },
    ],
    [
      "permissions and labels of editors",
      '{"command": "x", "autoApprove": ["a"], "alwaysAllow": [], "description": "d", "trust": true}',
      { command: "x" },
    ],
  ])("%s", (_what, json, expected) => {
    const { config, problems } = entry(json);
    expect(problems).toEqual([]);
    expect(config).toMatchObject(expected);
  });

  it("a list of variables with a wrong item is refused by its place", () => {
    expect(entry('{"command": "x", "env": ["A=b", "TOKEN"]}').problems).toEqual([
      "servers.json:1:56: one: env[1]: must have the form NAME=value",
    ]);
  });

  it("a server that is not enabled is left out", () => {
    expect(parse('{"mcpServers": {"one": {"command": "x", "enabled": false}}}').disabled).toEqual(["one"]);
  });

  it.each(["My Slack", "a__b", "Größe: 日本", "a/b", "-x", "__proto__"])("a server may be called %s", (name) => {
    const { servers, problems } = parse(`{"mcpServers": {${JSON.stringify(name)}: {"command": "x"}}}`);
    expect([[...servers.keys()], problems]).toEqual([[name], []]);
  });

  it("the servers of VS Code's file are read, and its inputs are no problem", () => {
    const { servers, problems } = parse('{"inputs": [], "servers": {"one": {"type": "stdio", "command": "x"}}}');
    expect([[...servers.keys()], problems]).toEqual([["one"], []]);
  });

  it("of a server under both keys the one in mcpServers counts, with a warning at it", () => {
    const { servers, problems } = parse(
      '{"mcpServers": {"a": {"command": "x"}}, "servers": {"a": {"command": "y"}, "b": {"command": "z"}}}',
    );
    expect([...servers.values()]).toMatchObject([{ command: "x" }, { command: "z" }]);
    expect(problems).toMatchObject([
      { severity: "warning", column: 17, message: expect.stringContaining("mcpServers") as string },
    ]);
  });

  it.each([
    ['{"comand": "x", "command": "y"}', /1:25: one: comand: is not a known key.* Did you mean "command"\?/],
    ['{"command": "y", "timeout": 60}', /one: timeout: has no effect. Use "lockstep"/],
    ['{"command": "y", "includeTools": ["a"]}', /one: includeTools: is not a known key, so it has no effect/],
  ])("a key without effect is a warning: %s", (json, warning) => {
    const { config, problems } = entry(json);
    expect(config).toMatchObject({ command: "y" });
    expect(problems).toEqual([expect.stringMatching(warning)]);
  });

  it("an unknown key beside the servers is a warning", () => {
    expect(parse('{"mcpServers": {}, "mcpServer": {}}').problems).toMatchObject([
      { severity: "warning", message: expect.stringContaining('"mcpServer"') as string },
    ]);
  });

  it("servers without the key above them are pointed to it", () => {
    const { problems } = parse('{"one": {"command": "x"}}');
    expect(problems[0]?.message).toContain("one level deeper");
  });
});

describe("variables", () => {
  it.each([
    ["${TOKEN}", "t0k"],
    ["a${EMPTY}b", "ab"],
    ["${NOPE:-}", ""],
    ["${EMPTY:-x}", "x"],
    ["${NOPE:-${TOKEN}}", "t0k"],
    ["${NOPE:-a${NOPE:-b}c}d", "abcd"],
    ["${NOPE:-$${TOKEN}}", "${TOKEN}"],
    ["$${TOKEN}", "${TOKEN}"],
    ["$$${TOKEN}", "$${TOKEN}"],
    ["$TOKEN $$ $", "$TOKEN $$ $"],
    ["^a{2}$", "^a{2}$"],
    ["${env:TOKEN}", "t0k"],
    ["${userHome}/x", "/home/ada/x"],
    ["~/x", "/home/ada/x"],
    ["~/${TOKEN}", "/home/ada/t0k"],
    ["~", "~"],
    ["a~/x", "a~/x"],
    ["${HOME}~/x", "/home/ada~/x"],
  ])("%s becomes %s", (text, expected) => expect(argument(text)).toBe(expected));

  it.each([
    ["${NOPE}", "the variable NOPE is not set"],
    ["${NOPE:-${NEITHER}}", "the variable NEITHER is not set"],
    ["${TOKEN", "no matching }"],
    ["${a b}", "only ${NAME} and ${NAME:-default}"],
    ["${TOKEN-x}", "only ${NAME} and ${NAME:-default}"],
    ["${}", "only ${NAME} and ${NAME:-default}"],
    ["${input:key}", "Use ${NAME}"],
    ["${workspaceFolder}/x", "no workspace folder"],
  ])("%s is refused: %s", (text, reason) => {
    expect(argument(text)).toEqual([expect.stringContaining(reason)]);
  });
});

describe("envFile", () => {
  it("its variables are there as they are written, below those of env", () => {
    const { config, problems } = entry('{"command": "x", "envFile": "keys.env", "env": {"C": "of env"}}');
    expect(problems).toEqual([]);
    expect(config).toMatchObject({ env: { A: "one", B: "two words", C: "of env", D: "$X ${Y}" } });
  });

  it("a relative path starts at cwd where there is one", () => {
    expect(entry('{"command": "x", "cwd": "~/w", "envFile": "keys.env"}').config).toMatchObject({
      env: { A: "of the project" },
    });
  });

  it.each([
    ["~/none.env", "/home/ada/none.env does not exist"],
    ["/secret.env", "/secret.env can't be read (EACCES)"],
  ])("%s makes the entry invalid: %s", (path, reason) => {
    const { config, problems } = entry(JSON.stringify({ command: "x", envFile: path }));
    expect(config).toBeUndefined();
    expect(problems).toEqual([expect.stringContaining(`one: envFile: ${reason}`)]);
  });
});
