import { describe, expect, it } from "vitest";

import { typeArguments } from "../../../../../src/cli/call/arguments/call-arguments.js";
import { readPair } from "../../../../../src/cli/call/arguments/call-words.js";
import { UsageError } from "../../../../../src/cli/exit-code.js";
import type { Schema } from "../../../../../src/cli/call/arguments/schema-alternatives.js";

const noStdin = (): never => expect.unreachable();
/** The arguments as JSON text. */
const text = (schema: Schema, ...words: string[]) =>
  typeArguments(
    words.map((word) => readPair(word, noStdin)),
    { type: "object", ...schema },
  );
const type = (schema: Schema, ...words: string[]) => JSON.parse(text(schema, ...words)) as unknown;
const one = (schema: Schema, value: string) =>
  (type({ properties: { x: schema } }, `x=${value}`) as { x: unknown })["x"];
const problem = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error("there was no problem");
};

describe("a value's type is the schema's", () => {
  it.each<[string, Schema, string, unknown]>([
    ["a string is unchanged", { type: "string" }, "12", "12"],
    ["an empty string is a string", { type: "string" }, "", ""],
    ["a string may contain equals signs", { type: "string" }, "a=b", "a=b"],
    ["a number", { type: "number" }, "-1.5e3", -1500],
    ["an integer", { type: "integer" }, "42", 42],
    ["a boolean", { type: "boolean" }, "false", false],
    ["null, if the schema allows it", { type: ["string", "null"] }, "null", null],
    ["the word null, if only strings are allowed", { type: "string" }, "null", "null"],
    ["a number, if strings are allowed too", { type: ["string", "number"] }, "7", 7],
    ["a string, if numbers are allowed too", { anyOf: [{ type: "number" }, { type: "string" }] }, "7up", "7up"],
    ["an object as JSON", { type: "object" }, '{"a":1}', { a: 1 }],
    ["an array as JSON", { type: "array", items: { type: "number" } }, "[1,2]", [1, 2]],
    ["a list of one", { type: "array", items: { type: "number" } }, "1", [1]],
    ["one of a few words", { enum: ["low", "high"] }, "high", "high"],
    ["one of a few numbers", { enum: [1, 2] }, "2", 2],
    ["a constant", { const: true }, "true", true],
    ["any type: JSON if it parses", {}, "[true]", [true]],
    ["any type: otherwise a string", {}, "true story", "true story"],
    ["the merged schemas of an allOf", { allOf: [{ description: "how many" }, { type: "integer" }] }, "3", 3],
  ])("%s", (_title, schema, text, value) => {
    expect(one(schema, text)).toEqual(value);
  });

  it.each<[string, Schema, string, string]>([
    ["a word for a number", { type: "number" }, "many", 'x: expected number, given "many"'],
    ["an empty value for a number", { type: "number" }, "", 'x: expected number, given ""'],
    ["a fraction for an integer", { type: "integer" }, "1.5", 'x: expected integer, given "1.5"'],
    ["hexadecimal for an integer", { type: "integer" }, "0x10", 'x: expected integer, given "0x10"'],
    ["yes for a boolean", { type: "boolean" }, "yes", 'x: expected boolean, given "yes"'],
    ["a word that is not in the enum", { enum: ["low", "high"] }, "hihg", 'x: expected "low" | "high", given "hihg"'],
    ["plain words for an object", { type: "object" }, "a", 'x: expected object, given "a"'],
    ["a wrong element", { type: "array", items: { type: "integer" } }, "a", "x: expected array of integer"],
  ])("%s", (_title, schema, text, message) => {
    expect(problem(() => one(schema, text))).toContain(message);
  });
});

describe("keys", () => {
  const schema: Schema = {
    properties: {
      name: { type: "string" },
      tags: { type: "array", items: { type: "string" } },
      limits: { $ref: "#/$defs/limits" },
      "a.b": { type: "string" },
    },
    required: ["name"],
    $defs: {
      limits: { type: "object", properties: { max: { type: "integer" }, min: { type: "integer" } }, required: ["max"] },
    },
  };

  it("a repeated key makes a list", () => {
    expect(type(schema, "name=n", "tags=a", "tags=b")).toEqual({ name: "n", tags: ["a", "b"] });
  });

  it("a repeated key is refused if the schema does not allow a list", () => {
    expect(problem(() => type(schema, "name=a", "name=b"))).toBe("name: given 2 times, but takes one value (string)");
  });

  it("a dotted key sets a key inside an object, even behind a $ref", () => {
    expect(type(schema, "name=n", "limits.max=3", "limits.min=1")).toEqual({ name: "n", limits: { max: 3, min: 1 } });
  });

  it("a dotted key is literal if the schema lists it", () => {
    expect(type(schema, "name=n", "a.b=1")).toEqual({ name: "n", "a.b": "1" });
  });

  it("missing keys of a nested object are reported", () => {
    expect(problem(() => type(schema, "name=n", "limits.min=1"))).toBe("limits.max: required (integer)");
  });

  it("all wrong keys are reported at once", () => {
    expect(problem(() => type(schema, "nmae=x", "limits.max=many")).split("\n")).toEqual([
      'nmae: unknown argument; did you mean "name"?',
      'limits.max: expected integer, given "many"',
      "name: required (string)",
    ]);
  });

  it("an unknown nested key is reported with its path", () => {
    expect(problem(() => type(schema, "name=n", "limits.max=1", "limits.mxa=2"))).toContain(
      "limits.mxa: unknown argument",
    );
  });

  it("unknown keys pass if the schema allows other keys or lists none", () => {
    expect(type({ properties: {}, additionalProperties: { type: "integer" } }, "n=1")).toEqual({ n: 1 });
    expect(type({}, "n=1")).toEqual({ n: 1 });
  });

  it("arguments are refused by a tool that takes none", () => {
    expect(problem(() => type({ properties: {}, additionalProperties: false }, "n=1"))).toContain(
      "the tool takes no arguments",
    );
  });

  it("a key and a nested key under it contradict each other", () => {
    expect(problem(() => type({}, "a=1", "a.b=2"))).toContain("a.b: an outer key already has another value");
  });

  it("__proto__ and constructor are ordinary keys", () => {
    expect(text({}, "__proto__=1", "constructor=2")).toBe('{"__proto__":1,"constructor":2}');
    expect(({} as Record<string, unknown>)["1"]).toBeUndefined();
  });

  it("key:=value is JSON, whatever the schema says", () => {
    expect(type(schema, "name:=5")).toEqual({ name: 5 });
    expect(problem(() => type(schema, "name:=five"))).toContain('name: expected JSON, given "five"');
  });

  it("a schema that refers to itself does not loop", () => {
    const tree: Schema = { properties: { child: { $ref: "#" } } };
    expect(type(tree, 'child={"child":{}}')).toEqual({ child: { child: {} } });
    expect(type({ anyOf: [{ $ref: "#" }] }, "a=1")).toEqual({ a: 1 });
  });
});
