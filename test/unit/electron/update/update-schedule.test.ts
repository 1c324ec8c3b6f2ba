import { describe, expect, it } from "vitest";
import { leftOf, pauseAfter } from "../../../../electron/update/update-schedule.js";

const HOUR = 3_600_000;

describe("the pause until the next check for an update", () => {
  const minutes = (failuresInARow: number, random: number, retryAfterMs?: number): number =>
    pauseAfter({ failuresInARow, retryAfterMs }, random) / 60_000;

  it("lasts four hours and a little more after a success", () => {
    expect([minutes(0, 0), minutes(0, 1)]).toEqual([240, 288]);
  });

  it("is shorter after a failure, then longer and longer", () => {
    expect([1, 2, 3, 4, 9, 2000].map((failures) => minutes(failures, 0))).toEqual([5, 10, 20, 40, 240, 240]);
  });

  it("is as long as the server asks for, a day at most, and never shorter than it would be without", () => {
    expect(minutes(1, 0, HOUR)).toBe(60);
    expect(minutes(1, 0, 1000)).toBe(5);
    expect(minutes(1, 0, 365 * 24 * HOUR)).toBe(24 * 60);
  });
});

describe("what is left of a pause", () => {
  const since = { wall: 1e12, awake: 5000 };
  it.each<[string, number, number, number]>([
    ["at its start is all of it", 0, 0, 4 * HOUR],
    ["after an hour is the rest", HOUR, HOUR, 3 * HOUR],
    ["after a night's sleep on Linux is nothing", 10 * HOUR, 1000, 0],
    ["after the clock was set back by a week is measured by the other clock", HOUR - 168 * HOUR, HOUR, 3 * HOUR],
    ["is never negative", 9 * HOUR, 9 * HOUR, 0],
  ])("%s", (_, wall, awake, left) => {
    expect(leftOf({ since, ms: 4 * HOUR }, { wall: since.wall + wall, awake: since.awake + awake })).toBe(left);
  });
});
