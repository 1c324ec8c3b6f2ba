import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { readCallWords } from "../../../../../src/cli/call/arguments/call-words.js";
import { UsageError } from "../../../../../src/cli/exit-code.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "words-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const read = (...words: string[]) => readCallWords(words, () => Buffer.from('{"from":"stdin"}'));

describe("the words after SERVER and TOOL", () => {
  it("without words there are no arguments", () => {
    expect(read()).toEqual({ kind: "json", text: "{}" });
  });

  it("a word that begins with a brace holds all arguments as JSON", () => {
    expect(read('{"a": 1}')).toEqual({ kind: "json", text: '{"a": 1}' });
    expect(read('\n  {"a": 1}')).toEqual({ kind: "json", text: '{"a": 1}' });
  });

  it("a dash reads the arguments from stdin", () => {
    expect(read("-")).toEqual({ kind: "json", text: '{"from":"stdin"}' });
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

  it("=@- reads the value from stdin, and :=@ a value that is JSON from a file", () => {
    writeFileSync(join(dir, "list.json"), "[1,\n2]");
    expect(read("a=@-", `b:=@${join(dir, "list.json")}`)).toEqual({
      kind: "pairs",
      pairs: [
        { key: "a", text: '{"from":"stdin"}', json: false },
        { key: "b", text: "[1,\n2]", json: true },
      ],
    });
  });

  it("the JSON stays as it was written, on one line and without a byte order mark", () => {
    expect(read('{"n": 12345678901234567890,\r\n"x": 1.10}')).toEqual({
      kind: "json",
      text: '{"n": 12345678901234567890, "x": 1.10}',
    });
    expect(readCallWords(["-"], () => Buffer.from('\uFEFF{"a":1}\n'))).toEqual({ kind: "json", text: '{"a":1}' });
  });

  it("bytes that are no text are refused", () => {
    writeFileSync(join(dir, "raw"), Buffer.from([0xff, 0xfe, 0x00]));
    expect(() => read(`a=@${join(dir, "raw")}`)).toThrow("this is not UTF-8 text");
    expect(() => readCallWords(["-"], () => Buffer.from([0xff]))).toThrow("stdin: this is not UTF-8 text");
  });

  it("stdin is given to one argument only", () => {
    expect(() => read("a=@-", "b=@-")).toThrow("stdin can be the value of only one argument");
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
    expect(() => readCallWords(["-"], () => Buffer.from("[1]"))).toThrow("stdin must be a JSON object");
  });
});
