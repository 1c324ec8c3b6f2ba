import { expect, it } from "vitest";
import { ageText, durationText, exactDurationText } from "../../../src/text/duration.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

it.each([
  [-5, "0 s"],
  [999, "0 s"],
  [59_999, "59 s"],
  [MINUTE, "1 min"],
  [9 * MINUTE + 5000, "9 min 5 s"],
  [12 * MINUTE + 5000, "12 min 5 s"],
  [HOUR, "1 h"],
  [HOUR + 1000, "1 h"],
  [3 * HOUR + 12 * MINUTE + 1000, "3 h 12 min"],
  [26 * HOUR, "1 d 2 h"],
  [2400 * HOUR, "100 d"],
])("the duration %d ms is written as %s", (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

it.each([
  [-5, "0 ms"],
  [11.6, "12 ms"],
  [700, "700 ms"],
  [1500, "1.5 s"],
  [1900, "1.9 s"],
  [5000, "5 s"],
  [9999, "9.9 s"],
  [12_345, "12 s"],
  [90_000, "1 min 30 s"],
])("the measured duration %d ms is written as %s", (ms, text) => {
  expect(exactDurationText(ms)).toBe(text);
});

it.each([
  [-3, "0.0 s"],
  [0, "0.0 s"],
  [1234, "1.2 s"],
  [8000, "8.0 s"],
  [9999, "9.9 s"],
  [10_000, "10 s"],
  [61_000, "1 min 1 s"],
])("the age %d ms is written as %s", (ms, text) => {
  expect(ageText(ms)).toBe(text);
});
