import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { afterAwake } from "../../../src/wire/awake.js";

describe("afterAwake", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("afterAwake calls back once, when the time is up", () => {
    const callback = vi.fn();
    afterAwake(5_000, callback);
    vi.advanceTimersByTime(4_900);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(60_000);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it("afterAwake does not count the time that a laptop sleeps", () => {
    const callback = vi.fn();
    afterAwake(5_000, callback);
    vi.setSystemTime(Date.now() + 8 * 3_600_000);
    vi.advanceTimersByTime(4_900);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(100);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it("afterAwake starts again on restart, and never fires after stop", () => {
    const callback = vi.fn();
    const timer = afterAwake(1_000, callback);
    vi.advanceTimersByTime(900);
    timer.restart();
    vi.advanceTimersByTime(900);
    timer.stop();
    vi.advanceTimersByTime(10_000);
    expect(callback).not.toHaveBeenCalled();
  });
});
