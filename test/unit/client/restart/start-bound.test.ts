import { afterEach, beforeEach, expect, it, vi } from "vitest";

import type { FoundDaemon } from "../../../../src/client/connect/find.js";
import { StartBound } from "../../../../src/client/restart/start-bound.js";
import { lockstepSpec } from "../../../../src/client/spec/lockstep-spec.js";
import { parseIdentity } from "../../../../src/version/identity.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const STARTING: FoundDaemon = { state: "starting" };
const draining = (pid: number, drainMs: number): FoundDaemon => ({
  state: "draining",
  identity: parseIdentity("1.0.0", { pid }),
  deadlineMs: Date.now() + drainMs,
});

const newBound = (): StartBound => new StartBound(lockstepSpec(undefined, "/tmp/none"), undefined);

it("a daemon that starts is waited for for a minute", () => {
  using bound = newBound();
  vi.advanceTimersByTime(59_000);
  expect(bound.isOver(STARTING)).toBe(false);
  vi.advanceTimersByTime(2_000);
  expect(bound.isOver(STARTING)).toBe(true);
});

it("a daemon that drains is waited for for as long as its running calls were given, and its successor as well", () => {
  using bound = newBound();
  const found = draining(1, 72_000);
  expect(bound.isOver(found)).toBe(false);
  vi.advanceTimersByTime(80_000);
  expect(bound.isOver(found)).toBe(false);
  expect(bound.isOver(STARTING)).toBe(false);
  vi.advanceTimersByTime(59_000);
  expect(bound.isOver(STARTING)).toBe(false);
});

it("a daemon that drains for longer than it said is not waited for", () => {
  using bound = newBound();
  const found = draining(1, 72_000);
  bound.isOver(found);
  vi.advanceTimersByTime(72_000 + 61_000);
  expect(bound.isOver(found)).toBe(true);
});

it("a deadline from a clock that was set back since is no wait without end", () => {
  using bound = newBound();
  const found = draining(1, 24 * 3_600_000);
  bound.isOver(found);
  vi.advanceTimersByTime(600_000 + 61_000);
  expect(bound.isOver(found)).toBe(true);
});
