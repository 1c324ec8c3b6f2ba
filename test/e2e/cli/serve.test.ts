import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";

import { onSlowest } from "../../fixtures/bounds.js";
import { it as base } from "../../fixtures/it/with-box.js";
import { isAlive, signal, until } from "../../fixtures/sandbox.js";

const it = base.extend("hook", ({ box }) => {
  return (...more: string[]) => box.run(["kill-daemon", "--stale-only", ...more]);
});

describe("serve", () => {
  it("serve runs in the foreground, shows its log and ends with ctrl-c", async ({ box }) => {
    const child = box.spawn(["serve"]);
    let text = "";
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    const ended = new Promise((done) => child.once("close", done));
    await until("it is ready", () => text.includes("daemon: ready"));
    expect(box.pid()).toBe(child.pid);
    expect(await box.run(["call", "memory", "read_graph"])).toMatchObject({ code: 0 });
    child.kill("SIGINT");
    expect(await ended).toBe(0);
    expect(existsSync(join(box.dir, "serve.sock"))).toBe(false);
  });

  it("serve --daemon returns when the daemon answers", async ({ box }) => {
    const result = await box.run(["serve", "--daemon"]);
    expect(result.code).toBe(0);
    expect(result.stdout).toBe(`daemon running: PID ${box.pid()}, version ${box.version()}\n`);
    expect(isAlive(box.pid())).toBe(true);
  });

  it("serve --daemon passes on a version for tests, which no client does", async ({ box }) => {
    const env = { _LOCKSTEP_TEST_DAEMON_VERSION: "9.9.9" };
    const result = await box.run(["serve", "--daemon", "--json"], { env });
    expect(JSON.parse(result.stdout)).toEqual({ pid: box.pid(), version: "9.9.9" });
    await box.run(["restart"], { env });
    expect((await box.run(["status", "--version"])).stdout).toContain(`daemon     ${box.version()}`);
  });

  it.for(["", "--daemon"])("serve %s refuses to run beside a running daemon", async (option, { box }) => {
    await box.run(["start"]);
    const pid = box.pid();
    const words = option === "" ? [] : [option];
    const result = await box.run(["serve", ...words]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("a daemon is already running");
    if (words.length > 0) expect(result.stderr).toContain(`PID ${pid}`);
    expect(box.pid()).toBe(pid);
  });
});

describe("start and stop", () => {
  it("start and stop report what they did, in words and in JSON", async ({ box }) => {
    expect((await box.run(["start"])).stdout).toMatch(/^daemon running: PID \d+, version \S+ \(started\)$/m);
    expect((await box.run(["start"])).stdout).toContain("(was running, in step)");
    expect(JSON.parse((await box.run(["start", "--json"])).stdout)).toMatchObject({ did: "used", pid: box.pid() });
    const pid = box.pid();
    expect(await box.run(["stop"])).toMatchObject({ code: 0, stdout: `daemon stopped: PID ${pid}\n` });
    expect(await box.run(["stop"])).toMatchObject({ code: 0, stdout: "no daemon is running\n" });
    expect(JSON.parse((await box.run(["kill-daemon", "--json"])).stdout)).toEqual({ stopped: false });
  });

  it("--quiet prints only the result, and still reports a restart", async ({ box }) => {
    expect((await box.run(["start", "--quiet"])).stderr).toBe("");
    await box.run(["stop", "-q"]);
    await box.startStale();
    const result = await box.run(["call", "memory", "read_graph", "--quiet"]);
    expect(result.code).toBe(0);
    expect(result.stderr).toMatch(/^lockstep: restarting the daemon \(version-mismatch\): was 0\.0\.1, .*\n$/);
  });

  it("restart records its reason in the log and in the ledger", async ({ box }) => {
    await box.run(["start"]);
    const result = await box.run(["restart", "--reason", "new PATH"]);
    expect(result.stdout).toContain("(restarted)");
    expect(box.ledger().at(-1)).toMatchObject({ did: "restart", why: "requested", reason: "new PATH" });
    expect((await box.run(["logs", "--breadcrumbs"])).stdout).toContain('reason "new PATH"');
  });

  it("restart starts a daemon if none is running", async ({ box }) => {
    expect((await box.run(["restart"])).stdout).toContain("(started)");
  });

  it.for(["stop", "restart"])("%s rejects an invalid --timeout", async (command, { box }) => {
    expect(await box.run([command, "--timeout", "forever"])).toMatchObject({ code: 2 });
    expect(await box.run([command, "--timeout", "601"])).toMatchObject({ code: 2 });
  });
});

describe("kill-daemon --stale-only, for package hooks", () => {
  it("kill-daemon --stale-only stops a daemon that is out of step", async ({ box, hook }) => {
    const pid = await box.startStale();
    const result = await hook();
    expect(result).toMatchObject({ code: 0, stdout: "" });
    expect(result.stderr).toContain("stopped the daemon 0.0.1");
    expect(isAlive(pid)).toBe(false);
    expect(box.daemons()).toEqual([]);
  });

  it("kill-daemon --stale-only stops a daemon newer than the installed version", async ({ box, hook }) => {
    const pid = await box.startStale("99.0.0");
    expect(await hook()).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("stopped the daemon 99.0.0") as string,
    });
    expect(isAlive(pid)).toBe(false);
  });

  it("kill-daemon --stale-only --quiet reports only what it stopped", async ({ box, hook }) => {
    await box.startStale();
    expect((await hook("--quiet")).stderr).toMatch(/^lockstep: stopped the daemon 0\.0\.1 .*\n$/);
    expect(await hook("--quiet")).toMatchObject({ code: 0, stdout: "", stderr: "" });
  });

  it("kill-daemon --stale-only leaves a daemon in step running", async ({ box, hook }) => {
    await box.run(["start"]);
    const pid = box.pid();
    expect(await hook()).toMatchObject({ code: 0, stderr: expect.stringContaining("was left running") as string });
    expect(isAlive(pid)).toBe(true);
  });

  it.for(["99.0.0", "0.0.1"])(
    "kill-daemon --stale-only leaves another installation's daemon running, here %s",
    async (version, { box, hook }) => {
      const other = box.installation("other", { version });
      await box.run(["start"], { from: other });
      expect(await hook()).toMatchObject({ code: 0, stderr: expect.stringContaining("was left running") as string });
      expect(box.daemons()).toHaveLength(1);
    },
  );

  it("kill-daemon --stale-only stops the previous version's daemon, even if each version has its own directory", async ({
    box,
  }) => {
    const before = box.installation("Cellar/7.0.0/dist", { version: "7.0.0" });
    const now = box.installation("Cellar/7.1.0/dist", { version: "7.1.0" });
    await box.run(["start"], { from: before });
    expect(await box.run(["kill-daemon", "--stale-only"], { from: now })).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("stopped the daemon 7.0.0") as string,
    });
    expect(box.daemons()).toEqual([]);
  });

  it("kill-daemon --stale-only reports that no daemon is running", async ({ hook }) => {
    expect(await hook()).toMatchObject({ code: 0, stderr: "lockstep: no daemon is running\n" });
  });

  it("kill-daemon --stale-only does not delay an upgrade, even if the daemon hangs", async ({ box, hook }) => {
    const pid = await box.startStale();
    signal(pid, "SIGSTOP");
    const result = await hook();
    expect(result.code).toBe(0);
    expect(result.ms).toBeLessThan(onSlowest(5_500));
  });

  it("kill-daemon --stale-only does not fail an upgrade, even if the state directory is unusable", async ({ box }) => {
    const result = await box.run(["kill-daemon", "--stale-only"], { env: { LOCKSTEP_DIR: "relative" } });
    expect(result.code).toBe(0);
    expect(result.stderr).toContain("absolute path");
  });
});
