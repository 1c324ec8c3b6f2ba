import { describe, expect, it } from "vitest";
import { tilde } from "../../../../src/text/tilde.js";
import {
  actor,
  actorShortly,
  bytes,
  compact,
  counted,
  duration,
  grouped,
  shown,
} from "../../../../electron/view/words.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("words", () => {
  it.each([
    [-5, "0 s"],
    [999, "0 s"],
    [59_999, "59 s"],
    [MINUTE, "1 min 0 s"],
    [9 * MINUTE + 5000, "9 min 5 s"],
    [10 * MINUTE + 5000, "10 min"],
    [3 * HOUR + 12 * MINUTE, "3 h 12 min"],
    [50 * HOUR, "2 d 2 h"],
  ])("write %d ms as %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it("write short durations exactly where it matters", () => {
    expect([412, 8000, 12_345].map((ms) => duration(ms, true))).toEqual(["0.4 s", "8 s", "12 s"]);
  });

  it("write numbers so that no country misreads them", () => {
    expect([grouped(7), grouped(1902), grouped(1e6)]).toEqual(["7", "1\u202f902", "1\u202f000\u202f000"]);
    expect([compact(99_999), compact(102_487), compact(1_127_357), compact(1.65e9)]).toEqual([
      "99\u202f999",
      "102\u202fk",
      "1.1\u202fM",
      "1.6\u202fG",
    ]);
    expect([bytes(4_400), bytes(4.42e6), bytes(44.3e6), bytes(18.3e9)]).toEqual(["4 kB", "4.4 MB", "44 MB", "18.3 GB"]);
    expect([counted(1, "call"), counted(0, "call")]).toEqual(["1 call", "0 calls"]);
  });

  it.each([
    ["cli (pid 812)", "a terminal (PID 812)", "a terminal"],
    ["tray (pid 40)", "this app", "this app"],
    ["tray (pid 41)", "the app (PID 41)", "the app"],
    ["bridge (pid 9)", "an editor (PID 9)", "an editor"],
    ["library (pid 9)", "a program (PID 9)", "a program"],
    ["foreground", "a terminal, in the foreground", "a terminal"],
    ["a signal", "a signal", "a signal"],
    ["robot (pid 5)", "robot (PID 5)", "robot"],
  ])("name %s %s", (by, full, short) => {
    expect([actor(by, 40), actorShortly(by, 40)]).toEqual([full, short]);
  });

  it("count where a line ticks", () => {
    const at = 1_000_000;
    expect(shown({ before: "for ", count: "since", at, after: "" }, at + 3000)).toBe("for 3 s");
    expect(shown({ before: "in ", count: "until", at, after: "!" }, at - 3000)).toBe("in 3 s!");
    expect(shown("as it is", 0)).toBe("as it is");
  });

  it.each([
    ["/home/ada", "~"],
    ["/home/ada/x", "~/x"],
    ["/home/adaline", "/home/adaline"],
    ["/opt", "/opt"],
  ])("shorten %s to %s", (path, text) => {
    expect(tilde(path, "/home/ada")).toBe(text);
    expect(tilde(path, "/")).toBe(path);
  });
});
