import { expect, it } from "vitest";
import { didYouMean, suggest } from "../../../src/text/suggest.js";

const KNOWN = ["start", "status", "stop", "read_graph", "fs", "a"];

it.each([
  ["statsu", "status"],
  ["STATUS", "status"],
  ["sto", "stop"],
  ["read_", "read_graph"],
  ["f", "fs"],
  ["c", undefined],
  ["re", undefined],
  ["kubernetes", undefined],
])("the suggestion for %j is %j", (typed, name) => {
  expect(suggest(typed, KNOWN)).toBe(name);
});

it("the question names the suggestion, or says what else to do", () => {
  expect(didYouMean("statsu", KNOWN, "see lockstep help")).toBe('did you mean "status"?');
  expect(didYouMean("kubernetes", KNOWN, "see lockstep help")).toBe("see lockstep help");
});
