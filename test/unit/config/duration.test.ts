import { expect, it } from "vitest";

import { parseDuration } from "../../../src/config/duration.js";

it.each([
  ["500ms", 500],
  ["90s", 90_000],
  ["10m", 600_000],
  ["1.5h", 5_400_000],
  ["0s", 0],
  ["never", Infinity],
  ["10", undefined],
  ["10d", undefined],
  ["-1s", undefined],
  ["", undefined],
])("the duration %j is %s ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});
