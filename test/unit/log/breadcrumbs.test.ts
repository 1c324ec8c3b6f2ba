import { describe, expect, it } from "vitest";
import {
  breadcrumbText,
  formatRestartReason,
  parseBreadcrumb,
  parseRestartReason,
  type Breadcrumb,
} from "../../../src/log/breadcrumbs.js";

const restarted = { kind: "restarted", prev: "0.1.0", now: "0.2.0-3-gabcdef0", byPid: 812 } as const;

const TEXTS: [Breadcrumb, string][] = [
  [{ kind: "ready", pid: 123, version: "0.1.0" }, "ready (pid 123, version 0.1.0)"],
  [{ kind: "ready", pid: 123 }, "ready (pid 123)"],
  [
    { ...restarted, why: "version-mismatch" },
    "started after version-mismatch restart (prev=0.1.0,now=0.2.0-3-gabcdef0,by=pid812)",
  ],
  [{ ...restarted, why: "requested" }, "started after requested restart (prev=0.1.0,now=0.2.0-3-gabcdef0,by=pid812)"],
  [
    { ...restarted, why: "requested", text: 'new "model", (same) cache' },
    'started after requested restart (prev=0.1.0,now=0.2.0-3-gabcdef0,by=pid812, reason "new \\"model\\", (same) cache")',
  ],
  [
    { ...restarted, why: "unresponsive" },
    "started after unresponsive restart (prev=0.1.0,now=0.2.0-3-gabcdef0,by=pid812)",
  ],
  [{ kind: "restarted-unclear", raw: "because" }, "started after version-mismatch restart (because)"],
  [
    { kind: "stopping", reason: "version mismatch", by: "cli (pid 812)", drainMs: 5000 },
    "stopping (version mismatch, asked by cli (pid 812), drain 5000 ms)",
  ],
  [
    {
      kind: "cut-off",
      calls: [
        { server: "memory", tool: "create_entities", count: 2 },
        { server: "a/b c", tool: "x/y", count: 1 },
      ],
    },
    "cut off 3 calls: memory/create_entities ×2, a%2Fb%20c/x/y ×1",
  ],
  [{ kind: "cut-off", calls: [{ server: "fs", tool: "read", count: 1 }] }, "cut off 1 call: fs/read ×1"],
  [{ kind: "cut-off", calls: [] }, "cut off 0 calls"],
  [{ kind: "stopped", uptimeMs: 93_784_005 }, "stopped (uptime 1d 2h 3m 4.005s)"],
  [{ kind: "stopped", uptimeMs: 7 }, "stopped (uptime 0.007s)"],
  [{ kind: "stopped", uptimeMs: 3_600_000 }, "stopped (uptime 1h 0m 0.000s)"],
  [
    { kind: "server-crashed", server: "my fs", exit: { code: 1 }, nextStartMs: 500 },
    "server my fs crashed (exit code 1, next start in 500 ms)",
  ],
  [{ kind: "server-crashed", server: "fs", exit: { signal: "SIGSEGV" } }, "server fs crashed (signal SIGSEGV)"],
  [{ kind: "orphan-reaped", server: "fs", pid: 99 }, "reaped orphan of server fs (pid 99)"],
  [{ kind: "lock-lost", path: "/h/.lockstep/daemon.lock" }, "lock lost (/h/.lockstep/daemon.lock is no longer ours)"],
  [{ kind: "wedge-recovered", stoodStillMs: 12_345 }, "recovered after standing still for 12345 ms"],
  [{ kind: "lines-lost", count: 4, error: "ENOSPC: no space left" }, "lost 4 log lines (ENOSPC: no space left)"],
];

describe("breadcrumbs", () => {
  it.each(TEXTS)("the breadcrumb $kind is written and parsed back", (breadcrumb, text) => {
    expect(breadcrumbText(breadcrumb)).toBe(text);
    expect(parseBreadcrumb("daemon", text)).toEqual(breadcrumb);
  });

  it("only the daemon's lines are breadcrumbs", () => {
    expect(parseBreadcrumb("memory", "ready (pid 1)")).toBeUndefined();
    expect(parseBreadcrumb("daemon", "anything else")).toBeUndefined();
  });

  it("a breadcrumb is one bounded line, whatever name a client or another daemon gives", () => {
    const evil = `1.0\n2026, (by=pid1) ${"x".repeat(5000)}`;
    const texts = [
      breadcrumbText({ ...restarted, why: "version-mismatch", prev: evil }),
      breadcrumbText({ ...restarted, why: "requested", text: evil }),
      breadcrumbText({ kind: "stopping", reason: evil, by: evil, drainMs: 1 }),
      breadcrumbText({ kind: "cut-off", calls: [{ server: evil, tool: evil, count: 1 }] }),
    ];
    for (const text of texts) {
      expect(text).not.toMatch(/\n/);
      expect(text.length).toBeLessThan(1500);
      expect(parseBreadcrumb("daemon", text)).toBeDefined();
    }
    expect(parseBreadcrumb("daemon", texts[0]!)).toMatchObject({ kind: "restarted", now: "0.2.0-3-gabcdef0" });
  });

  it("a breadcrumb names twenty kinds of cut-off calls and counts the rest", () => {
    const calls = Array.from({ length: 25 }, (_, i) => ({ server: "s", tool: `t${i}`, count: 2 }));
    const text = breadcrumbText({ kind: "cut-off", calls });
    expect(text).toMatch(/^cut off 50 calls: s\/t0 ×2, .*s\/t19 ×2, and 10 more$/);
    expect(parseBreadcrumb("daemon", text)).toEqual({ kind: "cut-off", calls: calls.slice(0, 20) });
  });
});

describe("the restart reason in the environment", () => {
  it("the reason of a restart for drift is what PreviewsMCP writes", () => {
    const value = formatRestartReason({ why: "version-mismatch", prev: "1.0.0", now: "1.1.0-rc.1", byPid: 42 });
    expect(value).toBe("prev=1.0.0,now=1.1.0-rc.1,by=pid42");
    expect(parseRestartReason(value)).toEqual({
      kind: "restarted",
      why: "version-mismatch",
      prev: "1.0.0",
      now: "1.1.0-rc.1",
      byPid: 42,
    });
  });

  it.each([
    [{ why: "requested", text: 'a, b=c "d"\n100 % ü🙂' }, ",why=requested,text=a%2C%20b%3Dc%20%22d%22%0A100%20%25%20"],
    [{ why: "requested" }, ",why=requested"],
    [{ why: "unresponsive", text: "wedged" }, ",why=unresponsive,text=wedged"],
  ] as const)("says more when it was not for drift: %j", (more, suffix) => {
    const value = formatRestartReason({ prev: "1", now: "2", byPid: 3, ...more });
    expect(value).toContain(`prev=1,now=2,by=pid3${suffix}`);
    expect(value).toMatch(/^[!-~]+$/);
    expect(parseRestartReason(value)).toEqual({ kind: "restarted", prev: "1", now: "2", byPid: 3, ...more });
  });

  it("a daemon without a version is called unknown", () => {
    const value = formatRestartReason({ why: "version-mismatch", prev: "", now: "1.0.0", byPid: 3 });
    expect(value).toBe("prev=unknown,now=1.0.0,by=pid3");
  });

  it.each(["", "garbage", "prev=1,now=2", "prev=1,now=2,by=pid3,why=fun", "prev=1\nnow=2,by=pid3"])(
    "is kept as it came when it cannot be read: %j",
    (value) => {
      const reason = parseRestartReason(value);
      expect(reason).toEqual({ kind: "restarted-unclear", raw: value.replace("\n", "\\n") });
      expect(parseBreadcrumb("daemon", breadcrumbText(reason))).toEqual(reason);
    },
  );

  it("a reason that cannot be parsed is bounded", () => {
    const reason = parseRestartReason("x".repeat(100_000));
    expect(breadcrumbText(reason).length).toBeLessThan(300);
  });
});
