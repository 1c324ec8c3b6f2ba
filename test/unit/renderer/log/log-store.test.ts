import { describe, expect, it } from "vitest";
import type { LogEntry } from "../../../../electron/ipc/log-messages.js";
import { EMPTY_LOG, MOST_ENTRIES, visibleRows, withNewer, withOlder } from "../../../../renderer/log/log-store.js";

const lines = (from: number, to: number): LogEntry[] =>
  Array.from({ length: to - from }, (_, n) => ({
    key: String(from + n),
    at: n,
    level: "info",
    component: "x",
    text: "",
  }));
const BEFORE = { file: "1:1", offset: 100 };

describe("the log in the window", () => {
  it("grows in front page by page until the log's beginning", () => {
    const first = withOlder(EMPTY_LOG, { entries: lines(200, 300), before: BEFORE });
    expect([first.entries.length, first.before, first.reachesStart]).toEqual([100, BEFORE, false]);
    const all = withOlder(first, { entries: lines(0, 200), before: undefined });
    expect([all.entries.map(({ key }) => Number(key)), all.reachesStart]).toEqual([
      lines(0, 300).map(({ key }) => Number(key)),
      true,
    ]);
  });

  it("grows behind with what is written", () => {
    const store = withNewer(withOlder(EMPTY_LOG, { entries: lines(0, 2), before: undefined }), lines(2, 4));
    expect(store.entries.map(({ key }) => key)).toEqual(["0", "1", "2", "3"]);
  });

  it("lets go of the oldest when it follows for days", () => {
    let store = withOlder(EMPTY_LOG, { entries: lines(0, MOST_ENTRIES), before: BEFORE });
    store = withNewer(store, lines(MOST_ENTRIES, MOST_ENTRIES + 1));
    expect(store.entries.length).toBe(MOST_ENTRIES * 0.9);
    expect([store.entries.at(-1)?.key, store.before, store.reachesEnd]).toEqual([
      String(MOST_ENTRIES),
      undefined,
      true,
    ]);
  });

  it("lets go of the newest when one reads far back, and then follows no more", () => {
    let store = withOlder(EMPTY_LOG, { entries: lines(10, 10 + MOST_ENTRIES), before: BEFORE });
    store = withOlder(store, { entries: lines(0, 10), before: BEFORE });
    expect([store.entries.length, store.entries[0]?.key, store.reachesEnd]).toEqual([MOST_ENTRIES, "0", false]);
    expect(withNewer(store, lines(0, 1))).toBe(store);
  });
});

describe("the rows in sight", () => {
  it.each([
    ["at the top", 0, { first: 0, last: 32 }],
    ["in the middle", 24 * 5000, { first: 4984, last: 5032 }],
    ["at the end", 24 * 9985, { first: 9968, last: 10_000 }],
  ])("of ten thousand are a few dozen, %s", (_, scrollTop, rows) => {
    expect(visibleRows(scrollTop, 360, 24, 10_000)).toEqual(rows);
  });

  it("stay the same for small scrolls", () => {
    expect(visibleRows(24 * 5000 + 40, 360, 24, 10_000)).toEqual(visibleRows(24 * 5000, 360, 24, 10_000));
  });

  it("are none of an empty log", () => {
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
