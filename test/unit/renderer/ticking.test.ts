import { describe, expect, it } from "vitest";
import { duration as elsewhere } from "../../../electron/view/words.js";
import { age, duration } from "../../../renderer/durations.js";

describe("what ticks in the window", () => {
  it("is written as everywhere else", () => {
    for (const ms of [-1, 0, 999, 59_999, 60_000, 599_000, 600_000, 3_599_999, 3_600_000, 86_399_999, 9e8]) {
      expect(duration(ms)).toBe(elsewhere(ms));
    }
  });

  it("shows a heartbeat's age with a tenth for as long as that means something", () => {
    expect([-3, 0, 1234, 9949, 9950, 61_000].map(age)).toEqual([
      "0.0 s",
      "0.0 s",
      "1.2 s",
      "9.9 s",
      "9 s",
      "1 min 1 s",
    ]);
  });
});
