import { existsSync } from "node:fs";
import { describe, expect } from "vitest";

import type { StatusReport } from "../../../src/client/connect/status-report.js";
import { onSlowest } from "../../fixtures/bounds.js";
import { it as base } from "../../fixtures/it/with-box.js";
import { isAlive, signal, until } from "../../fixtures/sandbox.js";

const it = base.extend("status", ({ box }) => {
  return async () => {
    const { code, stdout, ms } = await box.run(["status", "--json"]);
    return { code, report: JSON.parse(stdout) as StatusReport, ms };
  };
});

const FIELDS = [
  "buildId", "clients", "codeOnDisk", "dir", "execPath", "heartbeat", "inFlight", "inStep", "installRoot", "installed",
  "launchedBy", "log", "pid", "protocol", "restarts", "rssBytes", "servers", "socket", "startedAt", "state", "uptimeMs", "version",
]; // prettier-ignore

describe("status", () => {
  it("status without a daemon reports stopped, exits with 1 and creates nothing", async ({ box, status }) => {
    const { code, report } = await status();
    expect([code, report.state, report.pid]).toEqual([1, "stopped", null]);
    expect(Object.keys(report).sort()).toEqual(FIELDS);
    expect(existsSync(box.dir)).toBe(false);
  });

  it("status of a running daemon has every field, with true values", async ({ box, status }) => {
    await box.run(["call", "memory", "read_graph"]);
    const { code, report } = await status();
    expect(code).toBe(0);
    expect(Object.keys(report).sort()).toEqual(FIELDS);
    expect(report).toMatchObject({
      state: "running",
      inStep: true,
      pid: box.pid(),
      version: box.version(),
      installed: { version: box.version() },
      launchedBy: expect.stringMatching(/^cli \(pid \d+\)$/) as string,
      heartbeat: { intervalMs: 2_000 },
      inFlight: 0,
      servers: [{ name: "memory", state: "ready", calls: 1, errors: 0 }],
      restarts: [{ did: "start", why: "absent" }],
      dir: box.dir,
    });
    expect(report.heartbeat?.ageMs).toBeLessThan(onSlowest(3_000));
    expect(Object.keys(report.servers[0] ?? {}).sort()).toEqual([
      "calls",
      "errors",
      "lastUsedAt",
      "name",
      "pid",
      "sessions",
      "state",
      "version",
    ]);
  });

  it("status of a daemon under SIGSTOP reports unresponsive and the heartbeat's age within 6 s, and exits with 4", async ({
    box,
    status,
  }) => {
    await box.run(["start"]);
    const pid = box.pid();
    signal(pid, "SIGSTOP");
    const { code, report, ms } = await status();
    expect([code, report.state, report.pid]).toEqual([4, "unresponsive", pid]);
    expect(report.heartbeat?.ageMs).toBeGreaterThan(3_000);
    expect(ms).toBeLessThan(onSlowest(6_000));
    const told = await box.run(["status"]);
    expect([told.code, told.stdout]).toEqual([4, expect.stringMatching(/unresponsive[\s\S]*\d+(\.\d+)? s ago/i)]);
    expect(box.pid()).toBe(pid);
    signal(pid, "SIGCONT");
    expect((await status()).report.state).toBe("running");
  });

  it("status of a killed daemon reports stopped, whatever its files say", async ({ box, status }) => {
    await box.run(["start"]);
    const pid = box.pid();
    signal(pid, "SIGKILL");
    await until("it is gone", () => !isAlive(pid));
    const { code, report } = await status();
    expect([code, report.state, report.pid]).toEqual([1, "stopped", null]);
  });

  it("status of a stale daemon reports running and out of step, and leaves it running", async ({ box, status }) => {
    const pid = await box.startStale();
    const { code, report } = await status();
    expect([code, report.state, report.inStep, report.version]).toEqual([0, "running", false, "0.0.1"]);
    expect(isAlive(pid)).toBe(true);
    expect((await box.run(["status", "--version"])).stdout).toContain("0.0.1");
  });
});

describe("looking", () => {
  it.for(["status", "logs", "doctor"])("%s never starts a daemon", async (command, { box }) => {
    await box.run([command]);
    await box.run([command, "--json"]);
    expect(box.daemons()).toEqual([]);
  });

  it.for(["status", "logs", "doctor"])("%s never restarts a stale daemon", async (command, { box }) => {
    const pid = await box.startStale();
    await box.run([command]);
    await box.run([command, "--json"]);
    expect(box.daemons()).toEqual([pid]);
    expect(box.ledger()).toEqual([]);
  });
});
