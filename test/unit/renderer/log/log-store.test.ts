import { describe, expect, it } from "vitest";
import type { LogEntry } from "../../../../electron/ipc/log-messages.js";
import { EMPTY_LOG, MOST_ENTRIES, withNewer, withOlder } from "../../../../renderer/log/log-store.js";

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
  it("grows at its start page by page until the log's first line", () => {
    const first = withOlder(EMPTY_LOG, { entries: lines(200, 300), before: BEFORE });
    expect([first.entries.length, first.before, first.reachesStart]).toEqual([100, BEFORE, false]);
    const all = withOlder(first, { entries: lines(0, 200), before: undefined });
    expect([all.entries.map(({ key }) => Number(key)), all.reachesStart]).toEqual([
      lines(0, 300).map(({ key }) => Number(key)),
      true,
    ]);
  });

  it("grows at its end with new lines", () => {
    const store = withNewer(withOlder(EMPTY_LOG, { entries: lines(0, 2), before: undefined }), lines(2, 4));
    expect(store.entries.map(({ key }) => key)).toEqual(["0", "1", "2", "3"]);
  });

  it("drops the oldest lines after days of following", () => {
    let store = withOlder(EMPTY_LOG, { entries: lines(0, MOST_ENTRIES), before: BEFORE });
    store = withNewer(store, lines(MOST_ENTRIES, MOST_ENTRIES + 1));
    expect(store.entries.length).toBe(MOST_ENTRIES * 0.9);
    expect([store.entries.at(-1)?.key, store.before, store.reachesEnd]).toEqual([
      String(MOST_ENTRIES),
      undefined,
      true,
    ]);
  });

  it("drops the newest lines after reading far back, and then stops following", () => {
    let store = withOlder(EMPTY_LOG, { entries: lines(10, 10 + MOST_ENTRIES), before: BEFORE });
    store = withOlder(store, { entries: lines(0, 10), before: BEFORE });
    expect([store.entries.length, store.entries[0]?.key, store.reachesEnd]).toEqual([MOST_ENTRIES, "0", false]);
    expect(withNewer(store, lines(0, 1))).toBe(store);
  });
});
