import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { deadline } from "../../../src/wire/deadline.js";

describe("deadline", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("passes after its time, and its error names the wait", () => {
    using bound = deadline("restart.lock", 90_000);
    vi.advanceTimersByTime(89_900);
    expect(bound.passed).toBe(false);
    vi.advanceTimersByTime(100);
    expect(bound.passed).toBe(true);
    expect(bound.signal.reason).toBe(bound.error);
    expect(bound.error.message).toBe("gave up after 90 s while waiting for restart.lock");
  });

  it("never passes once its block has ended", () => {
    const bound = deadline("a test", 1_000);
    bound[Symbol.dispose]();
    vi.advanceTimersByTime(10_000);
    expect(bound.passed).toBe(false);
    expect(bound.signal.aborted).toBe(false);
  });

  it("hands the caller's abort on, which is not the same as having passed", () => {
    const caller = new AbortController();
    using bound = deadline("a test", 1_000, caller.signal);
    caller.abort(new Error("closed"));
    expect(bound.passed).toBe(false);
    expect(bound.signal.reason).toEqual(new Error("closed"));
  });

  it("ends at once for a caller that has aborted already", async () => {
    using bound = deadline("a test", 1_000, AbortSignal.abort(new Error("closed")));
    expect(bound.signal.aborted).toBe(true);
    await expect(bound.pause(500)).rejects.toThrow("closed");
  });

  it("pauses for the given time, and not beyond its own", async () => {
    using bound = deadline("a test", 1_000);
    const resumed = vi.fn();
    void bound.pause(600).then(resumed);
    await vi.advanceTimersByTimeAsync(599);
    expect(resumed).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(resumed).toHaveBeenCalledTimes(1);
    void bound.pause(600).then(resumed);
    await vi.advanceTimersByTimeAsync(400);
    expect(resumed).toHaveBeenCalledTimes(2);
  });

  it("ends a pause when the caller aborts, with the caller's reason", async () => {
    const caller = new AbortController();
    using bound = deadline("a test", 1_000, caller.signal);
    const pause = bound.pause(600);
    caller.abort(new Error("closed"));
    await expect(pause).rejects.toThrow("closed");
  });
});
