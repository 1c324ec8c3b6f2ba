import { describe, expect, it } from "vitest";
import { formatLogLine, isBreadcrumbLine, parseLogLine } from "../../../src/log/line.js";

const AT = new Date("2026-11-23T03:40:01.123Z");
const HEAD = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d /;

describe("a log line", () => {
  it("a log line has local time with milliseconds and zone, level, component and text", () => {
    const line = formatLogLine(AT, "event", "daemon", "ready (pid 123, version 0.1.0)");
    expect(line).toMatch(HEAD);
    expect(line.slice(29)).toBe(" event daemon: ready (pid 123, version 0.1.0)");
    expect(new Date(line.slice(0, 29)).getTime()).toBe(AT.getTime());
  });

  it.each([
    ["Asia/Kolkata", "2026-11-23T09:10:01.123+05:30"],
    ["America/St_Johns", "2026-11-23T00:10:01.123-03:30"],
    ["UTC", "2026-11-23T03:40:01.123+00:00"],
  ])("writes the offset of %s", (zone, time) => {
    const before = process.env["TZ"];
    process.env["TZ"] = zone;
    try {
      expect(formatLogLine(AT, "info", "daemon", "x").slice(0, 29)).toBe(time);
    } finally {
      if (before === undefined) delete process.env["TZ"];
      else process.env["TZ"] = before;
    }
  });

  it.each([
    ["debug", "daemon", "plain"],
    ["info", "memory", "colon: in the text: twice"],
    ["warn", "My Server", "ünïcödé 日本語 🙂"],
    ["error", "a:b", ""],
    ["event", "daemon", "stopped (uptime 1.000s)"],
  ] as const)("is read back: %s %s: %s", (level, component, text) => {
    expect(parseLogLine(formatLogLine(AT, level, component, text))).toEqual({ at: AT, level, component, text });
  });

  it("a text of several lines becomes as many complete log lines", () => {
    const lines = formatLogLine(AT, "error", "fs", "first\r\nsecond\n\nfourth\n").split("\n");
    expect(lines.map((line) => parseLogLine(line)?.text)).toEqual(["first", "second", "", "fourth"]);
    expect(lines.every((line) => HEAD.test(line))).toBe(true);
  });

  it("control characters are escaped, so that a text cannot forge lines or control the terminal", () => {
    const line = formatLogLine(AT, "info", "fs", "a\tb\rc\u001b[31mred\u0000\u007f\u0085\u2028\u202e");
    expect(line.slice(29)).toBe(" info fs: a\\tb\\rc\\u001b[31mred\\u0000\\u007f\\u0085\\u2028\\u202e");
  });

  it("a colon in a component's name does not end it", () => {
    const line = formatLogLine(AT, "info", "evil: x\n2026", "text");
    expect(line.split("\n")).toHaveLength(1);
    expect(parseLogLine(line)).toMatchObject({ component: "evil_ x\\n2026", text: "text" });
  });

  it("a log line is bounded, says what was cut, and is not cut inside a character", () => {
    const text = formatLogLine(AT, "info", "fs", "a".repeat(32_767) + "🙂".repeat(100)).slice(29 + " info fs: ".length);
    expect(text).toBe("a".repeat(32_767) + "… (200 more characters)");
  });

  it.each([
    "",
    "    at Object.<anonymous> (/x/y.js:1:2)",
    "daemon: something else",
    "2026-11-23 info daemon: x",
    "Error: boom",
  ])("a line that another program wrote is no log line: %s", (line) => {
    expect(parseLogLine(line)).toBeUndefined();
    expect(isBreadcrumbLine(line)).toBe(false);
  });
});

describe("a breadcrumb's line", () => {
  it("a breadcrumb is recognised by its level", () => {
    expect(isBreadcrumbLine(formatLogLine(AT, "event", "daemon", "of a newer version"))).toBe(true);
    expect(isBreadcrumbLine(formatLogLine(AT, "info", "daemon", "event daemon: ready (pid 1)"))).toBe(false);
  });

  it("a breadcrumb of PreviewsMCP's daemon is recognised without a date", () => {
    expect(parseLogLine("daemon: ready (pid 4711)")).toEqual({
      at: undefined,
      level: "event",
      component: "daemon",
      text: "ready (pid 4711)",
    });
    expect(isBreadcrumbLine("daemon: started after version-mismatch restart (prev=1.0,now=1.1,by=pid7)")).toBe(true);
  });
});
