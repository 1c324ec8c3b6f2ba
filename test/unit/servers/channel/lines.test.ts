import { expect, it } from "vitest";

import { lineSplitter } from "../../../../src/servers/channel/lines.js";

it("lines come whole, whatever the chunks, and long ones are cut", () => {
  const lines: string[] = [];
  const push = lineSplitter((line) => lines.push(line));
  const bytes = Buffer.from("eins\r\nzw\u{1f493}ei\n\n  \nlast");
  for (const byte of bytes) push(Buffer.from([byte]));
  push(undefined);
  expect(lines).toEqual(["eins", "zw\u{1f493}ei", "last"]);
  for (let part = 0; part < 100; part++) push(Buffer.alloc(1024, "x"));
  push(Buffer.from("\nnext\n"));
  expect(lines.at(-1)).toBe("next");
  expect(lines.at(-2)?.length).toBe(16 * 1024);
});
