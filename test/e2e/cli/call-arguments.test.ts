import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect } from "vitest";

import { it as base } from "../../fixtures/it/with-shared-box.js";

const SERVER = resolve("test/fixtures/servers/schema-server.mjs");

const ID_OR_N = {
  properties: { id: { type: "string" }, n: { type: "integer" } },
  anyOf: [{ required: ["id"] }, { required: ["n"] }],
};

const SCHEMAS = {
  root: ID_OR_N,
  rootOneOf: { ...ID_OR_N, anyOf: undefined, oneOf: ID_OR_N.anyOf, additionalProperties: false },
  rootAllOf: { properties: { id: { type: "string" } }, allOf: [{ properties: { n: { type: "integer" } } }] },
  rootNot: { properties: { id: { type: "string" } }, not: { required: ["never"] } },
  rootIf: {
    properties: { kind: { enum: ["a", "b"] }, id: { type: "string" } },
    if: { properties: { kind: { const: "a" } } },
    then: { properties: { n: { type: "integer" } } },
    else: { properties: { flag: { type: "boolean" } } },
  },
  dependent: {
    properties: { id: { type: "string" } },
    dependentSchemas: { id: { properties: { note: { type: "string" } } } },
  },
  kinds: {
    oneOf: [
      { properties: { kind: { const: "text" }, x: { type: "string" } }, required: ["kind", "x"] },
      { properties: { kind: { const: "count" }, x: { type: "integer" } }, required: ["kind", "x"] },
    ],
  },
  values: {
    properties: {
      day: { type: "string", anyOf: [{ format: "date" }, { pattern: "^\\d{8}$" }] },
      pattern: { anyOf: [{ pattern: "^a" }, { pattern: "^\\d+$" }] },
      zip: { anyOf: [{ type: "string" }, { type: "number" }] },
      word: { anyOf: [{ enum: ["auto", "none"] }, { type: "integer" }] },
      n: { type: "integer" },
      x: { type: "number" },
      maybe: { type: "string", nullable: true },
      one: { enum: [1, 2.5, true, null, "three"] },
      big: { enum: [12345678901234567890] },
      always: { const: 7 },
      list: { type: "array", items: { type: "integer" } },
      pair: { type: "array", prefixItems: [{ type: "string" }, { type: "integer" }] },
      any: {},
    },
  },
  refs: {
    properties: {
      own: { $ref: "#/$defs/My%20Type" },
      old: { $ref: "#/definitions/a~1b" },
      anchor: { $ref: "#there" },
      child: { $ref: "#" },
      beside: { $ref: "#/$defs/My%20Type", description: "text beside a reference" },
      cycle: { $ref: "#/$defs/a" },
    },
    $defs: {
      "My Type": { type: "string" },
      there: { $anchor: "there", type: "string" },
      a: { anyOf: [{ $ref: "#/$defs/b" }, { type: "string" }] },
      b: { anyOf: [{ $ref: "#/$defs/a" }, { type: "boolean" }] },
    },
    definitions: { "a/b": { type: "string" } },
  },
  nested: {
    properties: {
      at: { type: "object", properties: { x: { type: "string" }, deep: { $ref: "#/$defs/deep" } }, required: ["x"] },
      "a.b": { type: "string" },
      a: { type: "object", properties: { c: { type: "integer" } } },
      files: { type: "object", additionalProperties: { type: "string" } },
      env: { type: "object", patternProperties: { "^N_": { type: "integer" }, "^S_": { type: "string" } } },
      text: { type: "string" },
      either: { anyOf: [{ type: "string" }, { type: "object", properties: { id: { type: "string" } } }] },
    },
    $defs: { deep: { type: "object", properties: { on: { type: "boolean" } } } },
  },
  open: { type: "object" },
  more: { properties: { id: { type: "string" } }, additionalProperties: { type: "integer" } },
  none: { properties: {}, additionalProperties: false },
};

const it = base
  .extend("file", { scope: "file" }, ({ box }) => {
    const file = join(box.root, "value.txt");
    writeFileSync(file, "007\n");
    return file;
  })
  .extend("bothWays", { scope: "file" }, ({ box, file }) => {
    /** Makes the same call by the short way and by the full one, and expects the same of both. */
    return async (tool: string, words: string[]) => {
      const call = ["call", "schemas", tool, ...words.map((word) => word.replace("FILE", file))];
      const [warm, cold] = await Promise.all([box.run(call), box.run([...call, "--timeout", "60"])]);
      const seen = ({ code, stdout, stderr }: typeof warm) => ({ code, stdout, stderr });
      expect(seen(warm)).toEqual(seen(cold));
      return seen(warm);
    };
  });

it.beforeAll(async ({ box }) => {
  const file = join(box.root, "schemas.json");
  writeFileSync(file, JSON.stringify(SCHEMAS));
  const schemas = { command: process.execPath, args: [SERVER], env: { SCHEMAS: file } };
  const results = {
    structured: '{"content":[],"structuredContent":{"id":1915883588174806123,"x":1.10}}',
    text: '{"content":[{"type":"text","text":"t"}],"n":12345678901234567890,"tiny":1e-400,"huge":1e999}',
    failed: '{"content":[],"isError":true}',
  };
  const server = { command: process.execPath, args: [SERVER], env: { RESULTS: JSON.stringify(results) } };
  box.writeServers({ schemas, server });
  await box.run(["call", "schemas", "open"]);
});

describe("arguments arrive as the schema says", () => {
  it.for<[tool: string, words: string[], received: string]>([
    ["root", ["id=123"], '{"id":"123"}'],
    ["root", ["id=true"], '{"id":"true"}'],
    ["root", ["n=5"], '{"n":5}'],
    ["root", ["id=1", "n=2"], '{"id":"1","n":2}'],
    ["rootOneOf", ["id=123"], '{"id":"123"}'],
    ["rootAllOf", ["id=5", "n=5"], '{"id":"5","n":5}'],
    ["rootNot", ["id=5"], '{"id":"5"}'],
    ["rootIf", ["kind=a", "id=1", "n=2"], '{"kind":"a","id":"1","n":2}'],
    ["rootIf", ["kind=b", "flag=true"], '{"kind":"b","flag":true}'],
    ["dependent", ["id=1", "note=2"], '{"id":"1","note":"2"}'],
    ["kinds", ["kind=text", "x=5"], '{"kind":"text","x":"5"}'],
    ["kinds", ["kind=count", "x=5"], '{"kind":"count","x":5}'],
    ["values", ["day=20240131"], '{"day":"20240131"}'],
    ["values", ["pattern=123"], '{"pattern":"123"}'],
    ["values", ["zip=01234"], '{"zip":"01234"}'],
    ["values", ["zip=+4912345"], '{"zip":"+4912345"}'],
    ["values", ["zip=1e5"], '{"zip":"1e5"}'],
    ["values", ["zip=1.10"], '{"zip":"1.10"}'],
    ["values", ["zip=1917043659912705296"], '{"zip":"1917043659912705296"}'],
    ["values", ["zip=7"], '{"zip":7}'],
    ["values", ["zip=-1.5"], '{"zip":-1.5}'],
    ["values", ["word=auto"], '{"word":"auto"}'],
    ["values", ["word=07"], '{"word":7}'],
    ["values", ["n=12345678901234567890"], '{"n":12345678901234567890}'],
    ["values", ["n=-9007199254740993"], '{"n":-9007199254740993}'],
    ["values", ["n=+007"], '{"n":7}'],
    ["values", ["n=1e3"], '{"n":1000}'],
    ["values", ["n=2.0"], '{"n":2}'],
    ["values", ["x=.5"], '{"x":0.5}'],
    ["values", ["x=0.1234567890123456789012"], '{"x":0.1234567890123456789012}'],
    ["values", ["maybe=null"], '{"maybe":null}'],
    ["values", ["maybe=5"], '{"maybe":"5"}'],
    ["values", ["one=1"], '{"one":1}'],
    ["values", ["one=2.50"], '{"one":2.50}'],
    ["values", ["one=true"], '{"one":true}'],
    ["values", ["one=null"], '{"one":null}'],
    ["values", ["one=three"], '{"one":"three"}'],
    ["values", ["big=12345678901234567890"], '{"big":12345678901234567890}'],
    ["values", ["always=7"], '{"always":7}'],
    ["values", ["list=1", "list=2"], '{"list":[1,2]}'],
    ["values", ["list=3"], '{"list":[3]}'],
    ["values", ["list=[1, 12345678901234567890]"], '{"list":[1, 12345678901234567890]}'],
    ["values", ["pair=1", "pair=2"], '{"pair":["1",2]}'],
    ["values", ["any=1917043659912705296"], '{"any":"1917043659912705296"}'],
    ["values", ['any={"id": 1917043659912705296}'], '{"any":{"id": 1917043659912705296}}'],
    ["values", ["any=5"], '{"any":5}'],
    ["values", ["any=true"], '{"any":true}'],
    ["values", ["any=1", "any=x"], '{"any":[1,"x"]}'],
    ["values", ["n:=12345678901234567890"], '{"n":12345678901234567890}'],
    ["values", ['any:={\n"a":\n1.10}'], '{"any":{ "a": 1.10}}'],
    ["values", ["maybe=@FILE", "n=@FILE"], '{"maybe":"007\\n","n":7}'],
    ["refs", ["own=5", "old=5", "anchor=5", "beside=5"], '{"own":"5","old":"5","anchor":"5","beside":"5"}'],
    ["refs", ["child.child.own=5"], '{"child":{"child":{"own":"5"}}}'],
    ["refs", ["cycle=true"], '{"cycle":true}'],
    ["refs", ["cycle=5"], '{"cycle":"5"}'],
    ["nested", ["at.x=1", "at.deep.on=true"], '{"at":{"x":"1","deep":{"on":true}}}'],
    ["nested", ["a.b=1", "a.c=1"], '{"a.b":"1","a":{"c":1}}'],
    ["nested", ["files.main.py=1"], '{"files":{"main.py":"1"}}'],
    ["nested", ["env.N_X=1", "env.S_X=1"], '{"env":{"N_X":1,"S_X":"1"}}'],
    ["nested", ["either.id=1"], '{"either":{"id":"1"}}'],
    ["nested", ["either=1"], '{"either":"1"}'],
    ["open", ["a.b=1", "c=x=y"], '{"a":{"b":1},"c":"x=y"}'],
    ["open", ['{"n": 12345678901234567890, "x": 1.10, "n": 2}'], '{"n": 12345678901234567890, "x": 1.10, "n": 2}'],
    ["open", [' {"a":"x=y"}'], '{"a":"x=y"}'],
    ["open", ['\n\t{"a":"x=y"}\n'], '{"a":"x=y"}'],
    ["open", ['{"a":\n 1,\r\n "b":"\\n"}'], '{"a":  1,  "b":"\\n"}'],
    ["more", ["id=5", "other=5"], '{"id":"5","other":5}'],
  ])("%s %j arrives as %s, by either way of a call", async ([tool, words, received], { bothWays }) => {
    expect(await bothWays(tool, words)).toEqual({ code: 0, stdout: `${received}\n`, stderr: "" });
  });
});

describe("arguments that the schema does not allow are refused", () => {
  it.for<[tool: string, words: string[], problem: string]>([
    ["root", ["nmae=x"], "nmae: unknown argument; known: id, n"],
    ["root", ["n=abc"], 'n: expected integer, given "abc"'],
    ["root", ["ids=1"], 'ids: unknown argument; did you mean "id"?'],
    ["rootIf", ["kind=c"], 'kind: expected "a" | "b", given "c"'],
    ["kinds", ["kind=text"], "x: required (string)"],
    ["kinds", ["kind=count", "x=abc"], 'x: expected integer, given "abc"'],
    ["kinds", ["kind=other", "x=1"], 'kind: expected "text" | "count", given "other"'],
    ["values", ["word=atuo"], 'word: expected "auto" | "none" | integer, given "atuo"'],
    ["values", ["n=1.5"], 'n: expected integer, given "1.5"'],
    ["values", ["x=1e999"], 'x: expected number, given "1e999"'],
    ["values", ["x=NaN"], 'x: expected number, given "NaN"'],
    ["values", ["x=Infinity"], 'x: expected number, given "Infinity"'],
    ["values", ["x=0x10"], 'x: expected number, given "0x10"'],
    ["values", ["always=8"], "always: expected 7"],
    ["values", ["n:=NaN"], 'n: expected JSON, given "NaN"'],
    ["nested", ["at.deep.on=true"], "at.x: required (string)"],
    ["nested", ["at.deep.no=true"], 'at.deep.no: unknown argument; did you mean "on"?'],
    ["nested", ["text.a=1"], "text.a: unknown argument; text takes one value (string)"],
    ["nested", ["env.OTHER=1"], "env.OTHER: unknown argument"],
    ["more", ["other=x"], 'other: expected integer, given "x"'],
    ["none", ["a=1"], "a: unknown argument; the tool takes no arguments"],
    ["open", ["{oops"], "the argument is not valid JSON"],
    ["open", ["{}", "a=1"], '"a=1" cannot follow it'],
    ["open", ["text=@/no/such/file"], "text=@/no/such/file: there is no such file"],
  ])("%s %j is refused by either way of a call: %s", async ([tool, words, problem], { bothWays }) => {
    const { code, stdout, stderr } = await bothWays(tool, words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(problem);
  });
});

describe("stdin", () => {
  it("=@- gives an argument the text of stdin", async ({ box }) => {
    const result = await box.run(["call", "schemas", "values", "maybe=@-", "n=5"], { input: "007\nend" });
    expect(result).toMatchObject({ code: 0, stdout: '{"maybe":"007\\nend","n":5}\n' });
  });

  it("JSON on stdin is sent digit by digit", async ({ box }) => {
    const input = '\uFEFF{\n  "n": 12345678901234567890\n}\n';
    const result = await box.run(["call", "schemas", "open", "-"], { input });
    expect(result).toMatchObject({ code: 0, stdout: '{   "n": 12345678901234567890 }\n' });
  });

  it("a value from a pipe is read once, and whole", async ({ box }) => {
    const cli = resolve("dist/cli.js");
    const script = `exec "${process.execPath}" "${cli}" call schemas values any=@<(printf abc)`;
    const { execFile } = await import("node:child_process");
    const stdout = await new Promise((done) =>
      execFile("bash", ["-c", script], { env: { ...process.env, LOCKSTEP_DIR: box.dir } }, (_error, out) => done(out)),
    );
    expect(stdout).toBe('{"any":"abc"}\n');
  });
});

describe("results", () => {
  it.for<[tool: string, words: string[], stdout: string]>([
    [
      "text",
      ["--json"],
      '{"content":[{"type":"text","text":"t"}],"n":12345678901234567890,"tiny":1e-400,"huge":1e999}\n',
    ],
    ["structured", ["--json"], '{"content":[],"structuredContent":{"id":1915883588174806123,"x":1.10}}\n'],
    ["structured", [], '{\n  "id": 1915883588174806123,\n  "x": 1.10\n}\n'],
  ])("%s %j is printed with the server's digits, by either way of a call", async ([tool, words, stdout], { box }) => {
    const call = ["call", "server", tool, ...words];
    expect(await box.run(call)).toMatchObject({ code: 0, stdout, stderr: "" });
    expect(await box.run([...call, "--timeout", "60"])).toMatchObject({ code: 0, stdout, stderr: "" });
  });

  it("an error without any text is reported", async ({ box }) => {
    const result = await box.run(["call", "server", "failed"]);
    expect(result).toMatchObject({ code: 5, stdout: "" });
    expect(result.stderr).toBe("lockstep: server failed: the tool reported an error, and no text that explains it\n");
  });
});

describe("lockstep tools", () => {
  it("the arguments of tools with alternatives, references and merged schemas are shown", async ({ box }) => {
    const { stdout } = await box.run(["tools", "schemas"]);
    const linesOf = (tool: string) => stdout.slice(stdout.indexOf(`  ${tool}\n`)).split(/\n {2}\S/)[0];
    expect(linesOf("root")).toBe("  root\n      id (string, optional)\n      n (integer, optional)");
    expect(linesOf("rootAllOf")).toContain("n (integer, optional)");
    expect(linesOf("kinds")).toBe('  kinds\n      kind ("text" | "count")\n      x (string | integer)');
    expect(linesOf("values")).toContain('word ("auto" | "none" | integer, optional)');
    expect(linesOf("refs")).toContain("beside (string, optional) – text beside a reference");
    expect(linesOf("refs")).toContain("own (string, optional)");
  });

  it("tools --json prints the schemas as the server sent them", async ({ box }) => {
    const { stdout } = await box.run(["tools", "schemas", "--json"]);
    const names = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(Object.keys(SCHEMAS));
  });
});
