import { isUtf8 } from "node:buffer";
import { describe, expect, it } from "vitest";

import { scanObject, skipWhitespace, type Span } from "../../../src/wire/json-scan.js";

describe("scanObject", () => {
  it.each([
    ["{}", {}],
    [' \t{ "a" : 1 } ', { a: 1 }],
    ['{"a":{"b":[1,{"c":null}]},"d":"x"}', { a: { b: [1, { c: null }] }, d: "x" }],
    ['{"\\u0069d":7,"\\"":true,"":false}', { id: 7, '"': true, "": false }],
    ['{"ключ":"😀 \\ud83d\\ude00"}', { ключ: "😀 😀" }],
    ['{"n":[0,-0,1.5,-12.25e+3,1E9,2e-7]}', { n: [0, -0, 1.5, -12250, 1e9, 2e-7] }],
    ['{"s":"\\" \\\\ \\/ \\b\\f\\n\\r\\t \\uABcd","e":[[],{}]}', { s: '" \\ / \b\f\n\r\t \uabcd', e: [[], {}] }],
    ['{"a":1,"a":2}', { a: 2 }],
  ])("scanObject reports the members of %s", (text, members) => {
    expect(scan(Buffer.from(text))).toEqual(members);
  });

  it.each([
    ["", "JSON ends too early, at byte 0"],
    ["[]", 'unexpected "[" at byte 0'],
    ["{", "JSON ends too early, at byte 1"],
    ['{"a"}', 'unexpected "}" at byte 4'],
    ['{"a":1,}', 'unexpected "}" at byte 7'],
    ['{"a":[1,]}', 'unexpected "]" at byte 8'],
    ['{"a":01}', 'unexpected "1" at byte 6'],
    ['{"a":1.}', 'unexpected "}" at byte 7'],
    ['{"a":.5}', 'unexpected "." at byte 5'],
    ['{"a":-}', 'unexpected "}" at byte 6'],
    ['{"a":1e}', 'unexpected "}" at byte 7'],
    ['{"a":+1}', 'unexpected "+" at byte 5'],
    ['{"a":tru}', 'unexpected "}" at byte 8'],
    ['{"a":"\t"}', "unexpected 0x09 at byte 6"],
    ['{"a":"\\x"}', 'unexpected "x" at byte 7'],
    ['{"a":"\\u12G4"}', 'unexpected "G" at byte 10'],
    ['{"a":"', "JSON ends too early, at byte 6"],
    ["{'a':1}", `unexpected "'" at byte 1`],
    ["{a:1}", 'unexpected "a" at byte 1'],
  ])("scanObject refuses %s and names the offset", (text, message) => {
    expect(() => scan(Buffer.from(text))).toThrow(new SyntaxError(message));
  });

  it("scanObject refuses 60 MB of brackets without a stack overflow", () => {
    const brackets = Buffer.alloc(60e6, "[");
    brackets.write('{"a":');
    expect(() => scan(brackets)).toThrow("nested more than 1000 levels deep at byte 1004");
  });

  it("scanObject accepts a thousand levels", () => {
    const text = `{"a":${"[".repeat(999)}${"]".repeat(999)}}`;
    expect(() => scan(Buffer.from(text))).not.toThrow();
  });

  it("scanObject finds the end of a long string at any alignment, and every error in it", () => {
    for (let offset = 0; offset < 8; offset++) {
      for (const length of [255, 256, 257, 300, 301, 302, 303, 304]) {
        const frame = Buffer.concat([Buffer.alloc(offset), Buffer.from(`{"a":"${"é".repeat(length / 2)}"}`)]).subarray(
          offset,
        );
        expect(scan(frame)).toEqual({ a: "é".repeat(length / 2) });
        for (const fault of [0x1f, 0x0a, 0x00]) {
          const broken = Buffer.from(frame);
          broken[broken.length - 7] = fault;
          expect(() => scan(broken)).toThrow(`at byte ${broken.length - 7}`);
        }
      }
    }
  });

  it("scanObject accepts exactly what JSON.parse accepts, and sees the same members", () => {
    const random = mulberry32(20260214);
    let accepted = 0;
    for (let round = 0; round < 30_000; round++) {
      const bytes = mutate(SEEDS[round % SEEDS.length] ?? "{}", random);
      const expected = isUtf8(bytes) ? parseObject(bytes.toString()) : undefined;
      let found: object | undefined;
      try {
        found = isUtf8(bytes) ? scan(bytes) : undefined;
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
      }
      expect(found, bytes.toString("latin1")).toEqual(expected);
      if (expected !== undefined) accepted++;
    }
    expect(accepted).toBeGreaterThan(3_000);
    expect(accepted).toBeLessThan(27_000);
  });
});

const SEEDS = [
  '{"jsonrpc":"2.0","id":17,"method":"tools/call","params":{"name":"read","arguments":{"deep":[[[{"a":[]}]]]},"_meta":{"progressToken":"t"}}}',
  '{"jsonrpc": "2.0", "id": "a\\"b\\u00e9\\\\", "result": {"content": [{"type": "text", "text": "é 😀 \\ud83d\\ude00"}], "n": -1.5e-7}}',
  ' {\t"a" : true ,\r"b":[ false, null , 0 , 10.25E+3 ],"":{} } ',
  `{"long":"${"QUJD".repeat(90)}","after":[1,2,{"x":"y"}]}`,
];

const PIECES = [...'{}[],:"\\ \t\n0123456789.eE+-truefalsn/u\u0001', "\\u12", "\\n", '"a":', "é", "1e5", "null", "[]"];

function mutate(seed: string, random: () => number): Buffer {
  let bytes = Buffer.from(seed);
  const times = Math.floor(random() * 4);
  for (let time = 0; time < times; time++) {
    const at = Math.floor(random() * bytes.length);
    const cut = Math.floor(random() * 3);
    const piece =
      random() < 0.1
        ? Buffer.of(Math.floor(random() * 256))
        : Buffer.from(random() < 0.3 ? "" : (PIECES[Math.floor(random() * PIECES.length)] ?? ""));
    bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + cut)]);
  }
  return bytes;
}

function scan(bytes: Buffer): object {
  const members: [string, unknown][] = [];
  const end = scanObject(bytes, 0, (key: string, { start, end }: Span) =>
    members.push([key, JSON.parse(bytes.toString("utf8", start, end))]),
  );
  if (skipWhitespace(bytes, end) !== bytes.length) throw new SyntaxError("more follows");
  return Object.fromEntries(members);
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A small seeded generator: the same mutations in every run. */
function mulberry32(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
