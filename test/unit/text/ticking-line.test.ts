import { expect, it } from "vitest";
import { lineText, type Line } from "../../../src/text/ticking-line.js";

const AT = 1_000_000;

it.each<[Line, number, string]>([
  ["Stopped", 0, "Stopped"],
  [{ before: "for ", count: "since", at: AT, after: "" }, AT + 3999, "for 3 s"],
  [{ before: "in ", count: "until", at: AT, after: "!" }, AT - 3000, "in 3 s!"],
  [{ before: "in ", count: "until", at: AT, after: "" }, AT - 1, "in 1 s"],
  [{ before: "in ", count: "until", at: AT, after: "" }, AT + 5000, "in 0 s"],
])("the line %j reads at %d as %s", (line, now, text) => {
  expect(lineText(line, now)).toBe(text);
});
