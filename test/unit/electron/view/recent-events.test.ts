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

function rowsOf(breadcrumbs: readonly Breadcrumb[], ledger: LedgerEntry[] = []) {
  const placed = breadcrumbs.map((breadcrumb, n) => ({ key: String(n), at: T0 + n, breadcrumb }));
  return recentEvents({ breadcrumbs: placed, ledger }, OWN_PID).map(({ title, details }) => [title, ...details]);
}

describe("recent events", () => {
  it("show all lines of a restart as one row, with its reason, its actor and the interrupted calls", () => {
    const before = { kind: "ready", pid: 31077, version: "1.3.2" } as const;
    expect(rowsOf([before, STOPPING, { ...CUT, calls: [...CUT.calls] }, STOPPED, READY, RESTART])).toEqual([
      [
        "Restarted 1.3.2 → 1.4.0, out of step",
        "by process (PID 812) · interrupted 3 calls: memory/search ×2, fs/read",
        "PID 31077 → 48213",
      ],
      ["Started 1.3.2, PID 31077"],
    ]);
  });

  it("name the actor and the time it took from the ledger, and our own PID as this app", () => {
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
    expect(rowsOf([READY, RESTART], [entry])[0]).toContain(
      "by a terminal (PID 812) · no calls interrupted · took 412 ms",
    );
    const ours = { ...entry, by: { ...by, role: "tray", pid: OWN_PID } };
    expect(rowsOf([READY, { ...RESTART, byPid: OWN_PID }], [ours])[0]).toContain(
      "by this app · no calls interrupted · took 412 ms",
    );
  });

  it("quote the reason that the user gave", () => {
    const asked = { ...RESTART, why: "requested", prev: "1.4.0", text: "new model" } as const;
    expect(rowsOf([READY, asked])[0]?.slice(0, 2)).toEqual(["Restarted 1.4.0, as requested", "“new model”"]);
  });

  it("show a stop and a later start as two rows", () => {
    const stop = { kind: "stopping", reason: "stop", by: "cli (pid 812)", drainMs: 5000 } as const;
    expect(
      rowsOf([READY, stop, STOPPED, { kind: "orphan-reaped", server: "fs", pid: 9 }, { ...READY, pid: 7 }]),
    ).toEqual([
      ["Started 1.4.0, PID 7"],
      ["Ended a leftover process of fs", "PID 9"],
      ["Stopped after 3 h 12 min", "by a terminal (PID 812) · no calls interrupted"],
      ["Started 1.4.0, PID 48213"],
    ]);
  });

  it("show when the previous daemon ended without a log entry", () => {
    expect(rowsOf([READY, { ...READY, pid: 7 }])[0]).toEqual([
      "Started 1.4.0, PID 7",
      "PID 48213 before it ended without a log entry",
    ]);
  });

  it("show a stop that has not finished", () => {
    const signal = { kind: "stopping", reason: "SIGTERM received", by: "a signal", drainMs: 5000 } as const;
    expect(rowsOf([READY, signal])[0]).toEqual(["Stopping", "by a signal · no calls interrupted", "SIGTERM received"]);
  });

  it.each<[Breadcrumb, string[]]>([
    [
      { kind: "server-crashed", server: "fs", exit: { code: 1 }, nextStartMs: 500 },
      ["fs crashed (exit 1)", "next start after 500 ms"],
    ],
    [{ kind: "server-crashed", server: "fs", exit: { signal: "SIGSEGV" } }, ["fs crashed (SIGSEGV)"]],
    [
      { kind: "lock-lost", path: "/h/.lockstep/daemon.lock" },
      ["The state directory was removed", "/h/.lockstep/daemon.lock"],
    ],
    [{ kind: "wedge-recovered", stoodStillMs: 12_345 }, ["Blocked for 12 s"]],
    [{ kind: "lines-lost", count: 4, error: "ENOSPC" }, ["Lost 4 log lines", "ENOSPC"]],
    [{ kind: "restarted-unclear", raw: "because" }, ["Restarted", "Reason: because"]],
    [{ kind: "ready", pid: 5 }, ["Started, PID 5"]],
  ])("have a row for the breadcrumb %j", (breadcrumb, row) => {
    expect(rowsOf([breadcrumb])).toEqual([row]);
  });

  it("are empty for an empty log", () => {
    expect(rowsOf([])).toEqual([]);
  });
});
