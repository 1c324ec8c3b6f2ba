import { describe, expect, it } from "vitest";

import { parseServers } from "../../../src/config/parse-servers.js";
import { formatProblem } from "../../../src/config/problem.js";

const ENV = { HOME: "/home/ada", TOKEN: "s3cret-value", EMPTY: "" };
const BUILTINS = {
  memory: { command: "/bin/node", args: ["/app/memory.mjs"], env: {}, concurrency: 1 },
};

const parse = (text: string) =>
  parseServers(text, { env: ENV, home: "/home/ada", builtins: BUILTINS, directory: "/cfg", readEnvFile: () => "" });
const entry = (json: string) => parse(`{"mcpServers": {"one": ${json}}}`);
const problemsOf = (text: string) => parse(text).problems.map((problem) => formatProblem("servers.json", problem));

describe("servers.json", () => {
  it("a stdio server gets the defaults", () => {
    expect(entry('{"command": "npx"}').servers.get("one")).toEqual({
      kind: "stdio",
      command: "npx",
      args: [],
      env: {},
      cwd: undefined,
      share: "shared",
      idleMs: 600_000,
      keptByClients: true,
      start: "lazy",
      timeoutMs: 3_600_000,
      startTimeoutMs: 60_000,
      concurrency: Infinity,
    });
  });

  it("all keys of a remote server are read", () => {
    const { servers, problems } = entry(
      '{"url": "https://example.org/mcp", "headers": {"Authorization": "Bearer ${TOKEN}"}, ' +
        '"lockstep": {"share": "session", "idle": "never", "start": "eager", "timeout": "90s", "startTimeout": "5m", "concurrency": 3}}',
    );
    expect(problems).toEqual([]);
    expect(servers.get("one")).toEqual({
      kind: "url",
      url: "https://example.org/mcp",
      headers: { Authorization: "Bearer s3cret-value" },
      transport: "http",
      share: "session",
      idleMs: Infinity,
      keptByClients: false,
      start: "eager",
      timeoutMs: 90_000,
      startTimeoutMs: 300_000,
      concurrency: 3,
      variables: ["s3cret-value"],
    });
  });

  it("comments, trailing commas and keys of MCP hosts are accepted", () => {
    const { servers, problems } = parse(`{
      // the servers
      "inputs": [],
      "mcpServers": { "one": { "type": "stdio", "command": "x", /* why */ "autoApprove": ["a"], }, },
    }`);
    expect(problems).toEqual([]);
    expect([...servers.keys()]).toEqual(["one"]);
  });

  it("variables, defaults and ~/ are expanded in every string", () => {
    const { servers } = entry(
      '{"command": "~/bin/x", "args": ["${TOKEN}", "${NONE:-a:-b}", "${EMPTY:-full}", "$HOME"], "cwd": "~/w", "env": {"A": "${HOME}/a", "PORT": 80}}',
    );
    expect(servers.get("one")).toMatchObject({
      command: "/home/ada/bin/x",
      args: ["s3cret-value", "a:-b", "full", "$HOME"],
      cwd: "/home/ada/w",
      env: { A: "/home/ada/a", PORT: "80" },
    });
  });

  it("an unset variable is reported with file, line and key, and the other servers are kept", () => {
    const text =
      '{"mcpServers": {\n  "good": {"command": "x"},\n  "bad": {"command": "x",\n    "env": {"KEY": "${NOPE}"}}\n}}';
    expect([...parse(text).servers.keys()]).toEqual(["good"]);
    expect(problemsOf(text)).toEqual([
      "servers.json:4:20: bad: env.KEY: the variable NOPE is not set in your login environment",
    ]);
  });

  it("all mistakes are reported at once", () => {
    const text = `{"mcpServers": {
      " ": {"command": "x"},
      "two\\nlines": {"command": "x"},
      "none": {},
      "both": {"command": "x", "url": "https://e.org"},
      "file": {"url": "file:///etc/passwd"},
      "types": {"command": 1, "args": "x", "env": ["a"]},
      "cwd": {"command": "x", "cwd": "here"},
      "dur": {"command": "x", "lockstep": {"idle": "10", "timeout": 5, "share": "all"}},
      "turns": {"command": "x", "lockstep": {"concurrency": 0}},
      "odd": {"command": "x", "args": ["\${input:token}"]},
      "builtin": {"lockstep": {"builtin": "toString"}},
      "text": "npx"
    }}`;
    expect(parse(text).servers.size).toBe(0);
    expect(problemsOf(text)).toMatchInlineSnapshot(`
      [
        "servers.json:2:12:  : a server's name may not be empty",
        "servers.json:3:21: two\\nlines: a server's name may not contain line ends or other control characters",
        "servers.json:4:15: none: needs "command" (a program to run) or "url" (a remote server)",
        "servers.json:5:39: both: url: an entry has either "command" or "url", not both",
        "servers.json:6:23: file: url: must be an http:// or https:// address",
        "servers.json:7:28: types: command: must be a string",
        "servers.json:7:39: types: args: must be an array of strings",
        "servers.json:7:52: types: env[0]: must have the form NAME=value",
        "servers.json:8:38: cwd: cwd: must be an absolute path, or start with ~/",
        "servers.json:9:81: dur: lockstep.share: must be "shared" or "session"",
        "servers.json:9:52: dur: lockstep.idle: must be a duration such as "90s", "10m", "1h" or "never"",
        "servers.json:9:69: dur: lockstep.timeout: must be a duration such as "90s", "10m", "1h" or "never"",
        "servers.json:10:61: turns: lockstep.concurrency: must be a whole number, 1 or more",
        "servers.json:11:40: odd: args[0]: \${input:…} asks the user of an editor, which a daemon can't. Use \${NAME} and set the variable in your login environment, or use envFile",
        "servers.json:12:43: builtin: lockstep.builtin: must be one of: memory",
        "servers.json:13:15: text: must be an object such as {"command": …}",
      ]
    `);
  });

  it("unknown keys below lockstep are a warning, and the entry is used", () => {
    const { servers, problems } = entry('{"command": "x", "lockstep": {"idel": "1m"}}');
    expect(servers.has("one")).toBe(true);
    expect(problems).toMatchObject([{ severity: "warning", key: "lockstep.idel" }]);
  });

  it("disabled servers are left out and are no problem", () => {
    const { servers, disabled, problems } = entry('{"command": "${NOPE}", "disabled": true}');
    expect([servers.size, disabled, problems]).toEqual([0, ["one"], []]);
  });

  it("an entry can name the builtin memory server", () => {
    expect(entry('{"lockstep": {"builtin": "memory", "idle": "1h"}}').servers.get("one")).toMatchObject({
      kind: "stdio",
      args: ["/app/memory.mjs"],
      idleMs: 3_600_000,
    });
  });

  it("the builtin memory server runs one call at a time, unless its entry sets another number", () => {
    expect(entry('{"lockstep": {"builtin": "memory"}}').servers.get("one")).toMatchObject({
      concurrency: 1,
    });
    const four = entry('{"lockstep": {"builtin": "memory", "concurrency": 4}}').servers.get("one");
    expect(four).toMatchObject({ concurrency: 4 });
  });

  it("a syntax error is shown with its line, without values", () => {
    const text = '{"mcpServers": {\n  "one": {"command": "x" "env": {"TOKEN": "s3cret", "B": "also}}\n}}';
    expect(problemsOf(text)).toEqual([
      'servers.json:2:26: not valid JSON (comma expected): "one": {"command": "…" "env": {"TOKEN": "…", "B": "…"',
    ]);
  });

  it.each(["", "[]", '"x"', "{}", '{"mcpServers": []}', "nonsense"])(
    "servers.json that is %j is refused as a whole",
    (text) => {
      const { servers, problems } = parse(text);
      expect(servers.size).toBe(0);
      expect(problems).toHaveLength(1);
      expect(problems[0]).not.toHaveProperty("name");
    },
  );

  it("of two servers with the same name the last one counts, with a warning", () => {
    const { servers, problems } = parse('{"mcpServers": {"a": {"command": "x"}, "a": {"command": "y"}}}');
    expect(servers.get("a")).toMatchObject({ command: "y" });
    expect(problems).toMatchObject([{ severity: "warning" }]);
  });
});

it.each([
  ["a name with a blank", '{"My Header": "s3cret-value"}', "headers.My Header: is not the name of a header"],
  ["a value of two lines", '{"X-A": "s3cret-value\\nX-B: 1"}', "headers.X-A: has a value with line breaks"],
])("a header with %s makes its entry unusable, and its value is not shown", (_title, headers, problem) => {
  const text = `{"mcpServers": {"one": {"url": "https://x.example/mcp", "headers": ${headers}}}}`;
  expect(parse(text).servers.size).toBe(0);
  expect(problemsOf(text).join()).toContain(problem);
  expect(problemsOf(text).join()).not.toContain("s3cret");
});
