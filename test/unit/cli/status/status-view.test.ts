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
  it("the first line shows state, PID and drift", () => {
    const text = view(RUNNING);
    expect(text).toMatch(/^● running {2}PID 812 {2}in step$/m);
    expect(text).toMatch(/^ {2}up +1 h$/m);
    expect(text).toMatch(/^ {2}heartbeat +0\.4 s ago$/m);
    expect(text).toMatch(/^ {2}clients +2, 1 running call$/m);
    expect(text).toMatch(/^ {2}memory {2}ready {2}0\.6\.3, PID 813 {2}12 requests, 1 failed, last 30 s ago$/m);
  });

  it("replaced or removed files of the daemon are reported with what to do", () => {
    const replaced = { ...RUNNING, inStep: false, codeOnDisk: { state: "replaced", version: "1.3.0" } } as const;
    expect(view(RUNNING)).not.toContain("its files");
    expect(view(replaced)).toMatch(/^ {2}its files +were replaced by 1\.3\.0, .* lockstep restart$/m);
    expect(view({ ...replaced, installRoot: "/srv/lockstep" })).toMatch(
      /were replaced by 1\.3\.0, .* call from there$/m,
    );
    const gone = { ...RUNNING, installRoot: "/srv/lockstep", codeOnDisk: { state: "gone", version: null } } as const;
    expect(view(gone)).toMatch(/^ {2}its files +were removed; the daemon still works\. .* lockstep restart --force$/m);
  });

  it("out of step, the older side is named", () => {
    const newer = { ...RUNNING, inStep: false, version: "1.3.0" };
    const older = { ...RUNNING, inStep: false, version: "1.1.0" };
    expect(view(newer)).toContain("1.3.0  (the installation is older)");
    expect(view(older)).toContain("1.1.0  (the daemon is older)");
    expect(view({ ...RUNNING, inStep: false })).toContain("1.2.0  (another build)");
    expect(view(older)).toContain("out of step");
  });

  it("nothing is shown about a daemon that is not running", () => {
    const stopped = { ...RUNNING, state: "stopped" as const, inStep: null, pid: 812, servers: [], heartbeat: null };
    expect(view(stopped)).not.toMatch(/812|heartbeat|in step/);
    expect(view(stopped)).toContain("● stopped");
  });

  it("a late heartbeat and a slow event loop are shown", () => {
    const late = { ...RUNNING, heartbeat: { seq: 3, ageMs: 9_000, intervalMs: 2000, lagMs: 700 } };
    expect(view(late)).toContain("9.0 s ago, late, event loop 700 ms behind");
  });

  it("a server's name or problem cannot control the terminal", () => {
    const evil = { ...RUNNING.servers[0]!, name: "a\u001b[31m", problem: "b\u0007" };
    expect(view({ ...RUNNING, servers: [evil] })).not.toMatch(/[\u001b\u0007]/);
  });
});

describe("a line for each change", () => {
  it("--watch prints a line for a new state, PID or server, not for ages and sizes", () => {
    const later = { ...RUNNING, uptimeMs: 9, rssBytes: 1, clients: 9, heartbeat: null };
    expect(statusDigest(later)).toBe(statusDigest(RUNNING));
    expect(statusDigest({ ...RUNNING, pid: 9 })).not.toBe(statusDigest(RUNNING));
    expect(statusDigest({ ...RUNNING, servers: [] })).not.toBe(statusDigest(RUNNING));
  });

  it("a --watch line names time, state, version, PID and servers", () => {
    expect(statusLine(RUNNING, new Date(NOW))).toBe(
      "2026-05-04T10:00:00.000Z running 1.2.0 (PID 812), in step; memory ready",
    );
    const stopped = { ...RUNNING, state: "stopped" as const, inStep: null, servers: [] };
    expect(statusLine(stopped, new Date(NOW))).toBe("2026-05-04T10:00:00.000Z stopped");
  });
});

describe("a line on a narrow terminal", () => {
  it("a line that is too wide is cut, and its colours are reset", () => {
    expect(cutPainted("ab\u001b[31mcdef\u001b[0mgh", 4)).toBe("ab\u001b[31mcd\u001b[0m");
    expect(cutPainted("服务\u001b[31m器\u001b[0mx", 5)).toBe("服务\u001b[31m\u001b[0m");
  });
});
