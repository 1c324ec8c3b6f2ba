import { expect, it } from "vitest";
import { clock, dayName, fullTime, shortDate } from "../../../renderer/dates.js";

it("writes every part of a time, in this machine's zone", () => {
  const date = new Date(2026, 10, 21, 9, 5, 0);
  expect(clock(date)).toBe("09:05:00");
  expect(shortDate(date)).toBe("21 Nov");
  expect(dayName(date)).toBe("Saturday 21 November");
  expect(fullTime(date)).toBe("Saturday 21 November 2026, 09:05:00");
});

it("agrees with Intl all year round", () => {
  const intl = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });
  for (let day = 1; day <= 366; day++) {
    const date = new Date(2028, 0, day, 23, 59, 59);
    expect(dayName(date)).toBe(intl.format(date));
  }
});
