import { expect, it } from "vitest";
import { truncated } from "../../../src/text/truncate.js";

it.each([
  ["short", 5, "short"],
  ["longer", 4, "long… (2 more characters)"],
  ["ab🚀", 3, "ab… (2 more characters)"],
])("%j truncated to %d is %j", (text, max, cut) => {
  expect(truncated(text, max)).toBe(cut);
});
