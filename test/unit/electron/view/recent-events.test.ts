import { describe, expect, it } from "vitest";
import type { Breadcrumb } from "../../../../src/log/breadcrumbs.js";
import type { LedgerEntry } from "../../../../src/state/ledger.js";
import { recentEvents } from "../../../../electron/view/recent-events.js";
import { T0 } from "../../../fixtures/app/app-story.js";

const OWN_PID = 40;
const RESTART = { kind: "restarted", why: "version-mismatch", prev: "1.3.2", now: "1.4.0", byPid: 812 } as const;
const READY = { kind: "ready", pid: 48213, version: "1.4.0" } as const;
const STOPPING = {
  kind: "stopping",
  reason: "restart, version-mismatch, now 1.4.0",
  by: "cli (pid 812)",
  drainMs: 5000,
} as const;
const STOPPED = { kind: "stopped", uptimeMs: 11_520_000 } as const;
const CUT = {
  kind: "cut-off",
  calls: [
    { server: "memory", tool: "search", count: 2 },
    { server: "fs", tool: "read", count: 1 },
  ],
} as const;

function told(breadcrumbs: readonly Breadcrumb[], ledger: LedgerEntry[] = []) {
  const placed = breadcrumbs.map((breadcrumb, n) => ({ key: String(n), at: T0 + n, breadcrumb }));
  return recentEvents({ breadcrumbs: placed, ledger }, OWN_PID).map(({ title, details }) => [title, ...details]);
}

describe("what happened", () => {
  it("is one restart, however many lines it left, with why, by whom and what it cut off", () => {
    const before = { kind: "ready", pid: 31077, version: "1.3.2" } as const;
    expect(told([before, STOPPING, { ...CUT, calls: [...CUT.calls] }, STOPPED, READY, RESTART])).toEqual([
      [
        "Restarted 1.3.2 → 1.4.0, out of step",
        "by process (PID 812) · cut off 3 calls: memory/search ×2, fs/read",
        "PID 31077 → 48213",
      ],
      ["Started 1.3.2, PID 31077"],
    ]);
  });

  it("is told with what the ledger knows of it, and our own pid is this app", () => {
    const by = { role: "cli", pid: 812, root: "/x" };
    const entry = {
      at: "",
      did: "restart",
      why: "version-mismatch",
      now: "1.4.0",
      pid: 48213,
      by,
      tookMs: 412,
    } as const;
    expect(told([READY, RESTART], [entry])[0]).toContain("by a terminal (PID 812) · nothing cut off · took 412 ms");
    const ours = { ...entry, by: { ...by, role: "tray", pid: OWN_PID } };
    expect(told([READY, { ...RESTART, byPid: OWN_PID }], [ours])[0]).toContain(
      "by this app · nothing cut off · took 412 ms",
    );
  });

  it("says the user's own words", () => {
    const asked = { ...RESTART, why: "requested", prev: "1.4.0", text: "new model" } as const;
    expect(told([READY, asked])[0]?.slice(0, 2)).toEqual(["Restarted 1.4.0, as requested", "“new model”"]);
  });

  it("keeps a stop and a later start apart", () => {
    const stop = { kind: "stopping", reason: "stop", by: "cli (pid 812)", drainMs: 5000 } as const;
    expect(told([READY, stop, STOPPED, { kind: "orphan-reaped", server: "fs", pid: 9 }, { ...READY, pid: 7 }])).toEqual(
      [
        ["Started 1.4.0, PID 7"],
        ["Ended a leftover of fs", "PID 9"],
        ["Stopped after 3 h 12 min", "by a terminal (PID 812) · nothing cut off"],
        ["Started 1.4.0, PID 48213"],
      ],
    );
  });

  it("tells of a daemon that ended without a word", () => {
    expect(told([READY, { ...READY, pid: 7 }])[0]).toEqual([
      "Started 1.4.0, PID 7",
      "PID 48213 before it ended without a word",
    ]);
  });

  it("tells of a stop that is not over", () => {
    const signal = { kind: "stopping", reason: "SIGTERM received", by: "a signal", drainMs: 5000 } as const;
    expect(told([READY, signal])[0]).toEqual(["Stopping", "by a signal · nothing cut off", "SIGTERM received"]);
  });

  it.each<[Breadcrumb, string[]]>([
    [
      { kind: "server-crashed", server: "fs", exit: { code: 1 }, nextStartMs: 500 },
      ["fs crashed (exit 1)", "next start after 500 ms"],
    ],
    [{ kind: "server-crashed", server: "fs", exit: { signal: "SIGSEGV" } }, ["fs crashed (SIGSEGV)"]],
    [
      { kind: "lock-lost", path: "/h/.lockstep/daemon.lock" },
      ["The state directory was taken away", "/h/.lockstep/daemon.lock"],
    ],
    [{ kind: "wedge-recovered", stoodStillMs: 12_345 }, ["Stood still for 12 s"]],
    [{ kind: "lines-lost", count: 4, error: "ENOSPC" }, ["Lost 4 log lines", "ENOSPC"]],
    [{ kind: "restarted-unclear", raw: "because" }, ["Restarted", "Reason as given: because"]],
    [{ kind: "ready", pid: 5 }, ["Started, PID 5"]],
  ])("knows every breadcrumb: %j", (breadcrumb, row) => {
    expect(told([breadcrumb])).toEqual([row]);
  });

  it("is nothing when the log tells nothing", () => {
    expect(told([])).toEqual([]);
  });
});
