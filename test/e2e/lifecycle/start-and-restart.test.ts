import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect } from "vitest";

import { onSlowest } from "../../fixtures/bounds.js";
import { it } from "../../fixtures/it/with-box.js";
import { isAlive, signal, until } from "../../fixtures/sandbox.js";
import { counter } from "../../fixtures/servers/counting-server.js";
import { wedgedDaemon } from "../../fixtures/daemons/wedged-daemon.js";

const READ = ["call", "memory", "read_graph"];

describe("a call", () => {
  it("a call starts a daemon, and the next call finds it", async ({ box }) => {
    const first = await box.run(READ);
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining("entities") as string });
    const pid = box.pid();
    expect(isAlive(pid)).toBe(true);
    expect(await box.run(READ)).toMatchObject({ code: 0, stderr: "" });
    expect(box.pid()).toBe(pid);
    expect(box.logLines("daemon: ready")).toHaveLength(1);
  });

  it("a call prints nothing extra and restarts nothing while versions match", async ({ box }) => {
    await box.run(READ);
    const pid = box.pid();
    for (let call = 0; call < 20; call++) {
      expect(await box.run(READ)).toMatchObject({ code: 0, stderr: "" });
      expect(box.pid()).toBe(pid);
    }
    expect(box.ledger()).toHaveLength(1);
  });

  it("a call replaces a stale daemon once, with a banner and a breadcrumb", async ({ box }) => {
    const stale = await box.startStale();
    const called = await box.run(READ);
    expect(called.code).toBe(0);
    expect(called.stdout).toContain("entities");
    expect(called.stderr).toMatch(/restarting.*0\.0\.1/);
    expect(isAlive(stale)).toBe(false);
    expect(box.pid()).not.toBe(stale);
    const now = box.version().replaceAll(".", "\\.");
    expect(box.logLines("version-mismatch restart")).toEqual([
      expect.stringMatching(
        new RegExp(`started after version-mismatch restart \\(prev=0\\.0\\.1,now=${now},by=pid\\d+\\)$`),
      ),
    ]);
    expect(box.daemons()).toEqual([box.pid()]);
  });

  it("a call never passes a version for tests on to the daemon that it starts", async ({ box }) => {
    await box.startStale();
    const env = { _LOCKSTEP_TEST_DAEMON_VERSION: "0.0.1" };
    expect(await box.run(READ, { env })).toMatchObject({ code: 0 });
    expect(await box.run(["status", "--json"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"inStep":true') as string,
    });
  });

  it("a call works at once after the daemon was killed", async ({ box }) => {
    await box.run(READ);
    const pid = box.pid();
    expect(flockFree(join(box.dir, "daemon.lock"))).toBe(false);
    signal(pid, "SIGKILL");
    await until("the killed daemon is gone", () => !isAlive(pid));
    // The kernel closes the files of a process with several threads a moment after it counts as gone.
    await until("its lock is free", () => flockFree(join(box.dir, "daemon.lock")));
    expect(await box.run(READ)).toMatchObject({ code: 0, stderr: "" });
  });

  it("a new daemon ends the servers of a killed one before it starts its own", async ({ box }) => {
    box.writeServers({ stubborn: counter({ COUNTER_STUBBORN: "1" }) });
    const orphan = Number((await box.run(["call", "stubborn", "pid"])).stdout);
    expect(isAlive(orphan)).toBe(true);
    const pid = box.pid();
    signal(pid, "SIGKILL");
    await until("the killed daemon is gone", () => !isAlive(pid));
    const successor = Number((await box.run(["call", "stubborn", "pid"])).stdout);
    expect(isAlive(orphan)).toBe(false);
    expect(isAlive(successor)).toBe(true);
    expect(box.logLines("orphan")).toHaveLength(1);
  });
});

describe("a restart that is needed while a shell holds restart.lock", () => {
  it("a restart waits for a shell that holds restart.lock, names it and then continues", async ({ box }) => {
    await box.startStale();
    const lock = join(box.dir, "restart.lock");
    const holder = box.track(spawn("flock", ["-o", lock, "sleep", "600"], { detached: true }));
    await until("the shell has the lock", () => !flockFree(lock));
    const called = box.spawn(READ);
    let said = "";
    called.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const code = new Promise((resolve) => called.once("close", resolve));
    await until("the call names what it waits for", () => said.includes(`PID ${holder.pid}`));
    expect(said).toContain("sleep 600");
    expect(called.exitCode).toBe(null);
    if (holder.pid !== undefined) signal(-holder.pid, "SIGKILL");
    expect(await code).toBe(0);
    expect(box.logLines("version-mismatch restart")).toHaveLength(1);
  });

  it("a client that waits for restart.lock uses its sibling's fresh daemon", async ({ box }) => {
    await box.run(["start"]);
    await box.run(["stop"]);
    const lock = join(box.dir, "restart.lock");
    const holder = box.track(spawn("flock", ["-o", lock, "sleep", "60"], { detached: true }));
    await until("the shell has the lock", () => !flockFree(lock));
    const called = box.spawn(READ);
    let said = "";
    called.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const code = new Promise((resolve) => called.once("exit", resolve));
    await until("the call waits for the lock", () => said.includes("waiting"));
    // `serve` starts a daemon without restart.lock.
    expect(await box.run(["serve", "--daemon"])).toMatchObject({ code: 0 });
    expect(await code).toBe(0);
    expect(flockFree(lock)).toBe(false);
    if (holder.pid !== undefined) signal(-holder.pid, "SIGKILL");
  });
});

describe("restart", () => {
  it("restart replaces the daemon without drift too, and records why", async ({ box }) => {
    await box.run(["start"]);
    const pid = box.pid();
    const restarted = await box.run(["restart", "--reason", "new certificates"]);
    expect(restarted.code).toBe(0);
    expect(isAlive(pid)).toBe(false);
    expect(box.logLines("started after requested restart")).toEqual([expect.stringContaining("new certificates")]);
    expect(box.logLines("stopping (")).toEqual([
      expect.stringMatching(/requested: new certificates.*asked by cli \(pid \d+\)/),
    ]);
    expect(box.ledger().map(({ did, why }) => [did, why])).toEqual([
      ["start", "absent"],
      ["restart", "requested"],
    ]);
  });

  it("restart replaces a daemon under SIGSTOP within 15 s", async ({ box }) => {
    await box.run(["start"]);
    const pid = box.pid();
    signal(pid, "SIGSTOP");
    const restarted = await box.run(["restart"]);
    expect(restarted).toMatchObject({ code: 0 });
    expect(restarted.ms).toBeLessThan(onSlowest(15_000));
    expect(isAlive(pid)).toBe(false);
    expect(await box.run(READ)).toMatchObject({ code: 0 });
  });

  it("restart replaces a daemon that ignores SIGTERM and every request within 15 s", async ({ box }) => {
    const pid = await wedgedDaemon(box);
    const restarted = await box.run(["restart"]);
    expect(restarted).toMatchObject({ code: 0 });
    expect(restarted.ms).toBeLessThan(onSlowest(15_000));
    expect(restarted.stderr).toContain("SIGKILL");
    expect(isAlive(pid)).toBe(false);
  });

  it("several restarts at the same time leave one daemon", async ({ box }) => {
    await box.run(["start"]);
    const all = await Promise.all(Array.from({ length: 5 }, () => box.run(["restart"])));
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
    expect(box.daemons()).toEqual([box.pid()]);
  });
});

describe("a stranger whose pid stands in serve.pid", () => {
  it("a stranger whose pid is in serve.pid is never signalled, by any command", async ({ box }) => {
    mkdirSync(box.dir, { mode: 0o700 });
    // It ends on any signal that can be caught, and prints which one.
    const stranger = box.track(
      spawn(
        "bash",
        [
          "-c",
          'for s in TERM INT HUP USR1; do trap "echo got $s; exit 9" $s; done; while :; do read -t 1 <> <(:); done',
        ],
        {
          stdio: ["ignore", "pipe", "ignore"],
        },
      ),
    );
    let said = "";
    stranger.stdout?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const lie = (): void => {
      writeFileSync(join(box.dir, "serve.pid"), `${stranger.pid}\n`);
      writeFileSync(
        join(box.dir, "serve.json"),
        JSON.stringify({ version: "0.0.1", pid: stranger.pid, startTime: "another boot/1" }),
      );
    };
    const ours = (): boolean => stranger.pid !== undefined && isAlive(stranger.pid);
    for (const command of [
      ["stop"],
      ["stop", "--force"],
      ["kill-daemon"],
      ["status"],
      ["doctor"],
      ["restart"],
      ["start"],
      READ,
    ]) {
      lie();
      await box.run(command);
      expect([command, ours(), said]).toEqual([command, true, ""]);
    }
    // A daemon that hangs is only signalled after proof of its identity.
    const pid = box.daemons()[0];
    if (pid === undefined) throw new Error("no daemon runs");
    signal(pid, "SIGSTOP");
    lie();
    expect(await box.run(["restart"])).toMatchObject({ code: 0 });
    expect([ours(), said]).toEqual([true, ""]);
  });
});

describe("stop", () => {
  it("stop ends the daemon and its servers, and reports when none was running", async ({ box }) => {
    await box.run(READ);
    const pid = box.pid();
    expect(await box.run(["stop"])).toMatchObject({ code: 0 });
    expect(isAlive(pid)).toBe(false);
    expect(box.logLines("stopping (")).toHaveLength(1);
    expect(readFileSync(join(box.dir, "restart.lock"), "utf8")).not.toBe("");
    const again = await box.run(["stop"]);
    expect(again.code).toBe(0);
    expect(again.stdout + again.stderr).toMatch(/no daemon/i);
  });

  it("kill-daemon stops the daemon like stop", async ({ box }) => {
    await box.run(["start"]);
    expect(await box.run(["kill-daemon"])).toMatchObject({ code: 0 });
    expect(box.daemons()).toEqual([]);
  });
});

/** Asked the way a shell asks. */
function flockFree(path: string): boolean {
  return spawnSync("flock", ["-n", path, "true"]).status === 0;
}
