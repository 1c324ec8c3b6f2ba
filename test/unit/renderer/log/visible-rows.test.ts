import { describe, expect, it } from "vitest";
import { visibleRows } from "../../../../renderer/log/visible-rows.js";

describe("the rows in sight", () => {
  it.each([
    ["at the top", 0, { first: 0, last: 32 }],
    ["in the middle", 24 * 5000, { first: 4984, last: 5032 }],
    ["at the end", 24 * 9985, { first: 9968, last: 10_000 }],
  ])("of ten thousand lines are a few dozen %s", (_, scrollTop, rows) => {
    expect(visibleRows(scrollTop, 360, 24, 10_000)).toEqual(rows);
  });

  it("stay the same for small scrolls", () => {
    expect(visibleRows(24 * 5000 + 40, 360, 24, 10_000)).toEqual(visibleRows(24 * 5000, 360, 24, 10_000));
  });

  it("of an empty log are none", () => {
    expect(visibleRows(0, 360, 24, 0)).toEqual({ first: 0, last: 0 });
  });

  it("always cover what is in sight", () => {
    for (let scrollTop = 0; scrollTop < 24 * 200; scrollTop += 7) {
      const { first, last } = visibleRows(scrollTop, 300, 24, 200);
      expect(first * 24).toBeLessThanOrEqual(scrollTop);
      expect(last * 24).toBeGreaterThanOrEqual(Math.min(scrollTop + 300, 200 * 24));
    }
  });
});
