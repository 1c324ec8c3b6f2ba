import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { readCallWords } from "../../../../src/cli/call/call-words.js";
import { UsageError } from "../../../../src/cli/exit-code.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "words-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const read = (...words: string[]) => readCallWords(words, () => '{"from":"stdin"}');

describe("the words after SERVER and TOOL", () => {
  it("without words there are no arguments", () => {
    expect(read()).toEqual({ kind: "json", value: {} });
  });

  it("a word that begins with a brace holds all arguments as JSON", () => {
    expect(read('{"a": 1}')).toEqual({ kind: "json", value: { a: 1 } });
    expect(read('\n  {"a": 1}')).toEqual({ kind: "json", value: { a: 1 } });
  });

  it("a dash reads the arguments from stdin", () => {
    expect(read("-")).toEqual({ kind: "json", value: { from: "stdin" } });
  });

  it("the first equals sign separates key and value", () => {
    expect(read("a=b=c", "k=")).toEqual({
      kind: "pairs",
      pairs: [
        { key: "a", text: "b=c", json: false },
        { key: "k", text: "", json: false },
      ],
    });
  });

  it(":= marks a JSON value, and any other colon belongs to the key", () => {
    expect(read("a:=[1]", "b:c=d")).toEqual({
      kind: "pairs",
      pairs: [
        { key: "a", text: "[1]", json: true },
        { key: "b:c", text: "d", json: false },
      ],
    });
  });

  it("=@ reads a file's text unchanged", () => {
    writeFileSync(join(dir, "poem.txt"), "roses\nare red\n");
    expect(read(`text=@${join(dir, "poem.txt")}`)).toEqual({
      kind: "pairs",
      pairs: [{ key: "text", text: "roses\nare red\n", json: false }],
    });
  });

  it.each([
    ["a bare word", ["word"], '"word" is not an argument: write key=value'],
    ["a value without a key", ["=v"], '"=v" is not an argument'],
    ["invalid JSON", ["{oops"], "the argument is not valid JSON"],
    ["a word after JSON", ["{}", "a=1"], '"a=1" cannot follow it'],
    ["a missing file", ["a=@/no/such/file"], "a=@/no/such/file: there is no such file"],
  ])("%s is refused with an explanation", (_title, words, message) => {
    expect(() => read(...words)).toThrow(UsageError);
    expect(() => read(...words)).toThrow(message);
  });

  it("stdin must contain a JSON object", () => {
    expect(() => readCallWords(["-"], () => "[1]")).toThrow("stdin must be a JSON object");
  });
});
