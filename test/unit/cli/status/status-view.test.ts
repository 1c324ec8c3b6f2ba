import { describe, expect, it } from "vitest";

import { statusDigest, statusLine } from "../../../../src/cli/status/status-change.js";
import { statusView } from "../../../../src/cli/status/status-view.js";
import { cutPainted } from "../../../../src/cli/status/status-watch.js";
import type { StatusReport } from "../../../../src/client/connect/status-report.js";

const NOW = Date.parse("2026-05-04T10:00:00Z");
const RUNNING: StatusReport = {
  state: "running",
  inStep: true,
  pid: 812,
  version: "1.2.0",
  installed: { version: "1.2.0", buildId: "b1", root: "/opt/lockstep/dist" },
  protocol: 1,
  buildId: "b1",
  installRoot: "/opt/lockstep/dist",
  codeOnDisk: { state: "unchanged", version: "1.2.0" },
  execPath: "/usr/bin/node",
  launchedBy: "cli (pid 800)",
  startedAt: "2026-05-04T09:00:00.000Z",
  uptimeMs: 3_600_000,
  heartbeat: { seq: 1800, ageMs: 400, intervalMs: 2000, lagMs: 0 },
  clients: 2,
  inFlight: 1,
  rssBytes: 44 * 1024 * 1024,
  servers: [
    {
      name: "memory",
      state: "ready",
      pid: 813,
      version: "0.6.3",
      sessions: 1,
      calls: 12,
      errors: 1,
      lastUsedAt: "2026-05-04T09:59:30.000Z",
    },
  ],
  restarts: [],
  dir: "/home/ada/.lockstep",
  socket: "/home/ada/.lockstep/serve.sock",
  log: "/home/ada/.lockstep/serve.log",
};
const view = (report: StatusReport) => statusView(report, (_style, text) => text, NOW).join("\n");

describe("the status for people", () => {
  it("says at a glance how the daemon is", () => {
    const text = view(RUNNING);
    expect(text).toMatch(/^● running {2}PID 812 {2}in step$/m);
    expect(text).toMatch(/^ {2}up +1 h$/m);
    expect(text).toMatch(/^ {2}heartbeat +0\.4 s ago$/m);
    expect(text).toMatch(/^ {2}clients +2, 1 running call$/m);
    expect(text).toMatch(/^ {2}memory {2}ready {2}0\.6\.3, PID 813 {2}12 requests, 1 failed, last 30 s ago$/m);
  });

  it("says what became of the files that the daemon came from, and what to do", () => {
    const replaced = { ...RUNNING, inStep: false, codeOnDisk: { state: "replaced", version: "1.3.0" } } as const;
    expect(view(RUNNING)).not.toContain("its files");
    expect(view(replaced)).toMatch(/^ {2}its files +were replaced by 1\.3\.0, .* lockstep restart$/m);
    expect(view({ ...replaced, installRoot: "/srv/lockstep" })).toMatch(
      /were replaced by 1\.3\.0, .* call from there$/m,
    );
    const gone = { ...RUNNING, installRoot: "/srv/lockstep", codeOnDisk: { state: "gone", version: null } } as const;
    expect(view(gone)).toMatch(/^ {2}its files +were removed; the daemon still works\. .* lockstep restart --force$/m);
  });

  it("says which side is older when they are out of step", () => {
    const newer = { ...RUNNING, inStep: false, version: "1.3.0" };
    const older = { ...RUNNING, inStep: false, version: "1.1.0" };
    expect(view(newer)).toContain("1.3.0  (the installation is older)");
    expect(view(older)).toContain("1.1.0  (the daemon is older)");
    expect(view({ ...RUNNING, inStep: false })).toContain("1.2.0  (another build)");
    expect(view(older)).toContain("out of step");
  });

  it("shows nothing of a daemon that is not there", () => {
    const stopped = { ...RUNNING, state: "stopped" as const, inStep: null, pid: 812, servers: [], heartbeat: null };
    expect(view(stopped)).not.toMatch(/812|heartbeat|in step/);
    expect(view(stopped)).toContain("● stopped");
  });

  it("tells of a late heartbeat and of a slow event loop", () => {
    const late = { ...RUNNING, heartbeat: { seq: 3, ageMs: 9_000, intervalMs: 2000, lagMs: 700 } };
    expect(view(late)).toContain("9.0 s ago, late, event loop 700 ms behind");
  });

  it("does not let a server's name or problem drive the terminal", () => {
    const evil = { ...RUNNING.servers[0]!, name: "a\u001b[31m", problem: "b\u0007" };
    expect(view({ ...RUNNING, servers: [evil] })).not.toMatch(/[\u001b\u0007]/);
  });
});

describe("a line for each change", () => {
  it("comes for a new state, PID or server, not for ages and sizes", () => {
    const later = { ...RUNNING, uptimeMs: 9, rssBytes: 1, clients: 9, heartbeat: null };
    expect(statusDigest(later)).toBe(statusDigest(RUNNING));
    expect(statusDigest({ ...RUNNING, pid: 9 })).not.toBe(statusDigest(RUNNING));
    expect(statusDigest({ ...RUNNING, servers: [] })).not.toBe(statusDigest(RUNNING));
  });

  it("reads well", () => {
    expect(statusLine(RUNNING, new Date(NOW))).toBe(
      "2026-05-04T10:00:00.000Z running 1.2.0 (PID 812), in step; memory ready",
    );
    const stopped = { ...RUNNING, state: "stopped" as const, inStep: null, servers: [] };
    expect(statusLine(stopped, new Date(NOW))).toBe("2026-05-04T10:00:00.000Z stopped");
  });
});

describe("a line on a narrow terminal", () => {
  it("is cut, with its colours ended", () => {
    expect(cutPainted("ab\u001b[31mcdef\u001b[0mgh", 4)).toBe("ab\u001b[31mcd\u001b[0m");
  });
});
