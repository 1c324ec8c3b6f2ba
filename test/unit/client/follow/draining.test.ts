import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { msUntilGone } from "../../../../src/client/follow/draining.js";

const NOW = 1_700_000_000_000;
beforeEach(() => void vi.useFakeTimers({ now: NOW }));
afterEach(() => void vi.useRealTimers());

it.each([
  ["until its deadline and 4 s longer", { deadlineMs: NOW + 5_000 }, 9_000],
  ["4 s when its deadline has passed", { deadlineMs: NOW - 5_000 }, 4_000],
  ["4 s when it gives no deadline", {}, 4_000],
  ["4 s when its deadline is not a number", { deadlineMs: "soon" }, 4_000],
  ["4 s when it sends nothing with its announcement", undefined, 4_000],
  ["4 s when what it sends with its announcement is no object", null, 4_000],
  ["ten minutes and 4 s at most, however far its clock is ahead", { deadlineMs: NOW * 2 }, 604_000],
])("a draining daemon is waited for %s", (_, params, ms) => {
  expect(msUntilGone(params)).toBe(ms);
});
