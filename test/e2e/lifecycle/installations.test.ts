import { spawn } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";

import { it } from "../../fixtures/it/with-box.js";
import { isAlive, until } from "../../fixtures/sandbox.js";

const READ = ["call", "memory", "read_graph"];

describe("two installations", () => {
  it("with one protocol, the newer installation replaces the older's daemon once, and the older uses the newer's with one notice", async ({
    box,
  }) => {
    const older = box.installation("older", { version: "1.0.0" });
    const newer = box.installation("newer", { version: "1.1.0" });
    await box.run(READ, { from: older });
    expect(await box.run(READ, { from: newer })).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("restarting") as string,
    });
    const pid = box.pid();

    const noticed = await box.run(READ, { from: older });
    expect(noticed.code).toBe(0);
    expect(noticed.stderr).toContain("1.1.0");
    expect(noticed.stderr).toContain(newer);
    expect(await box.run(READ, { from: older })).toMatchObject({ code: 0, stderr: "" });
    for (let turn = 0; turn < 5; turn++) {
      expect(await box.run(READ, { from: newer })).toMatchObject({ code: 0, stderr: "" });
      expect(await box.run(READ, { from: older })).toMatchObject({ code: 0, stderr: "" });
    }
    expect(box.pid()).toBe(pid);
    expect(box.ledger().map(({ did }) => did)).toEqual(["start", "restart"]);
  });

  it("with different protocols, the older installation is refused with both versions and paths and restarts nothing", async ({
    box,
  }) => {
    const older = box.installation("older", { version: "1.0.0", protocol: 1 });
    const newer = box.installation("newer", { version: "1.1.0", protocol: 2 });
    await box.run(READ, { from: newer });
    const pid = box.pid();
    for (const command of [READ, ["start"], ["restart"], ["tools", "memory"]]) {
      const refused = await box.run(command, { from: older });
      expect([command, refused.code]).toEqual([command, 3]);
      for (const part of ["1.0.0", "1.1.0", older, newer]) expect(refused.stderr).toContain(part);
    }
    expect(isAlive(pid)).toBe(true);
    expect(box.ledger()).toHaveLength(1);
  });

  it("an older installation restarts a newer one's daemon only with --force", async ({ box }) => {
    const older = box.installation("older", { version: "1.0.0" });
    const newer = box.installation("newer", { version: "1.1.0" });
    await box.run(["start"], { from: newer });
    expect(await box.run(["restart"], { from: older })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("--force") as string,
    });
    expect(await box.run(["restart", "--force"], { from: older })).toMatchObject({ code: 0 });
    expect(await box.run(["status", "--json"], { from: older })).toMatchObject({
      stdout: expect.stringContaining('"version":"1.0.0"') as string,
    });
  });
});

describe("one installation", () => {
  it("an installation replaced by an older build gets the older daemon at the next call", async ({ box }) => {
    const root = box.installation("here", { version: "1.1.0" });
    const before = box.installation("before", { version: "1.0.0" });
    await box.run(READ, { from: root });
    const pid = box.pid();
    rmSync(root, { recursive: true });
    cpSync(before, root, { recursive: true });
    const called = await box.run(READ, { from: root });
    expect(called).toMatchObject({ code: 0, stderr: expect.stringContaining("1.1.0") as string });
    expect(isAlive(pid)).toBe(false);
    expect(box.logLines("version-mismatch restart (prev=1.1.0,now=1.0.0,by=pid")).toHaveLength(1);
  });

  it("an installation that was only rebuilt gets the rebuilt daemon", async ({ box }) => {
    const root = box.installation("here", { version: "1.0.0-5-gabcd", buildId: "aaaa" });
    await box.run(READ, { from: root });
    const pid = box.pid();
    box.setBuildInfo(root, { buildId: "bbbb" });
    expect(await box.run(READ, { from: root })).toMatchObject({ code: 0 });
    expect(isAlive(pid)).toBe(false);
  });

  it("a daemon keeps serving while its files are gone, and commands that need them say what is wrong", async ({
    box,
  }) => {
    const root = box.installation("here", { version: "1.0.0" });
    const other = box.installation("other", { version: "1.0.0" });
    await box.run(READ, { from: root });
    rmSync(join(root, "daemon.js"));
    rmSync(join(root, "build-info.json"));
    const refused = await box.run(READ, { from: root });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("build-info.json") as string });
    const status = await box.run(["status"], { from: other });
    expect(status.stdout).toMatch(
      /its files +were removed; the daemon still works\. To replace it: lockstep restart --force/,
    );
    expect((await box.run(["status", "--json"], { from: other })).stdout).toContain('"codeOnDisk":{"state":"gone"');
    expect(await box.run(READ, { from: other })).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("a daemon whose packages an upgrade took away", () => {
  it("a daemon whose packages are removed before it loads them keeps running and logs once what it cannot do", async ({
    box,
  }) => {
    const root = join(box.root, "bare");
    cpSync(box.installation("here"), root, { recursive: true });
    mkdirSync(box.dir, { mode: 0o700 });
    // Like a client, pass the lock's descriptor, so that the daemon needs no koffi for it.
    const script = 'exec 3>>"$LOCKSTEP_DIR/daemon.lock"; flock -n 3; exec "$0" "$@"';
    const daemon = [join(root, "daemon.js"), "serve", "--daemon", "--dir", box.dir, "--launched-by", "cli"];
    const env = { ...process.env, LOCKSTEP_DIR: box.dir, _LOCKSTEP_DAEMON_LOCK_FD: "3" };
    const { pid } = box.track(spawn("bash", ["-c", script, process.execPath, ...daemon], { env, stdio: "ignore" }));
    const beats = async (): Promise<number> => {
      const { stdout } = await box.run(["status", "--json"]);
      return (JSON.parse(stdout) as { heartbeat: { seq: number } | null }).heartbeat?.seq ?? 0;
    };
    await until("its heart beat twice", async () => (await beats()) >= 2);
    expect(box.pid()).toBe(pid);
    expect(box.logLines("cannot check who holds")).toEqual([
      expect.stringContaining("Cannot find module 'koffi'") as string,
    ]);
    expect(await box.run(READ)).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("a command line", () => {
  it("a command whose files are removed after its start reports it in one line", async ({ box }) => {
    const root = box.installation("here", { version: "1.0.0" });
    rmSync(join(root, "commands.js"));
    const failed = await box.run(["status"], { from: root });
    expect(failed).toMatchObject({ code: 1, stdout: "" });
    expect(failed.stderr).toMatch(/^lockstep: cannot load \S+commands\.js .*being upgraded.*nothing was done.*\n$/);
  });
});

describe("a war of restarts", () => {
  it("a fourth restart within a minute is refused with the ledger, unless it is forced", async ({ box }) => {
    const root = box.installation("here", { version: "1.0.0" });
    await box.run(READ, { from: root });
    for (const version of ["1.0.1", "1.0.2", "1.0.3"]) {
      box.setBuildInfo(root, { version });
      expect(await box.run(["start"], { from: root })).toMatchObject({ code: 0 });
    }
    const pid = box.pid();
    box.setBuildInfo(root, { version: "1.0.4" });
    const refused = await box.run(READ, { from: root });
    expect(refused.code).toBe(3);
    for (const version of ["1.0.1", "1.0.2", "1.0.3"]) expect(refused.stderr).toContain(`→ ${version}`);
    expect(refused.stderr).toContain("--force");
    expect(box.pid()).toBe(pid);
    // A restart that the user requests does not count.
    expect(await box.run(["restart"], { from: root })).toMatchObject({ code: 0 });
    box.setBuildInfo(root, { version: "1.0.5" });
    expect(await box.run(["start"], { from: root })).toMatchObject({ code: 3 });
    expect(await box.run(["start", "--force"], { from: root })).toMatchObject({ code: 0 });
  });

  it("an unreadable version starts no series of restarts", async ({ box }) => {
    const root = box.installation("here", { version: "not a version" });
    expect(await box.run(["start"], { from: root })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("not a version") as string,
    });
    expect(box.ledger().length).toBeLessThan(2);
  });
});
