import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { join, resolve } from "node:path";
import { describe, expect, it as plain } from "vitest";

import { canMount, mountDisk, unmountDisk } from "../../fixtures/disk.js";
import { it as withCounter } from "../../fixtures/it/with-counter.js";
import { isAlive, signal, until, type Sandbox } from "../../fixtures/sandbox.js";
import { OtherUser, type Said } from "../../fixtures/packages/other-user.js";
import { COUNTER, counter, executions } from "../../fixtures/servers/counting-server.js";

const DAEMON = resolve("dist/daemon.js");
const canLimit = spawnSync("prlimit", ["--version"]).status === 0;
const CLI = resolve("dist/cli.js");
/** Root may have any number of processes. A checkout below its home is closed to others. */
const canBecomeOther =
  process.getuid?.() === 0 &&
  spawnSync(process.execPath, [CLI, "--version"], { uid: 65_534, gid: 65_534 }).status === 0;
const canHideProc = spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "none", "/proc"]).status === 0;

const it = withCounter
  /** Makes a call that takes `ms`; resolves when it runs. */
  .extend("openCall", ({ box, counted }) => {
    return async (id: string, ms: number) => {
      const ended = box.run(["call", "counter", "slow", JSON.stringify({ ms, id })]);
      await until("the call runs", () => executions(counted, "slow").includes(`slow ${id}`));
      return { ended };
    };
  })
  /** Takes every descriptor that the daemon has left; returns how to give them back. */
  .extend("exhaust", ({ box }, { onCleanup }) => {
    const sockets: Socket[] = [];
    onCleanup(() => sockets.forEach((socket) => socket.destroy()));
    return async (pid: number): Promise<() => void> => {
      const used = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
      let free = 0;
      while (used.has(free)) free++;
      execFileSync("prlimit", ["--pid", String(pid), `--nofile=${free + 4}:${free + 4}`]);
      for (let n = 0; n < 40; n++) {
        const socket = createConnection(join(box.dir, "serve.sock"));
        socket.on("error", () => undefined).resume();
        sockets.push(socket);
      }
      await until("a connection is refused", () => sockets.some((socket) => socket.destroyed || socket.readableEnded));
      return () => sockets.forEach((socket) => socket.destroy());
    };
  });

/** The mtime of serve.pid moves on with every heartbeat. */
async function beats(box: Sandbox, count: number): Promise<void> {
  const mtime = (): number => statSync(join(box.dir, "serve.pid"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  for (let n = 0; n < count; n++) {
    const before = mtime();
    await until("the daemon's heart beats", () => mtime() > before);
  }
}

describe.skipIf(!canLimit)("a daemon without a free descriptor", () => {
  it("a daemon without a free descriptor beats on, answers what is open, and accepts again later", async ({
    box,
    openCall,
    exhaust,
  }) => {
    await box.run(["start"]);
    const call = await openCall("once", 4_500);
    const pid = box.pid();
    const giveBack = await exhaust(pid);
    await beats(box, 2);
    expect(await call.ended).toMatchObject({ code: 0, stdout: expect.stringContaining("slept") as string });
    giveBack();
    const again = await until("the daemon accepts again", async () => {
      const result = await box.run(["call", "counter", "echo"]);
      return result.code === 0 && result;
    });
    expect(again.stderr).toBe("");
    expect(box.pid()).toBe(pid);
    expect(box.logLines("uncaught")).toEqual([]);
  });

  it("a daemon without a free descriptor drains like any other when it is stopped", async ({
    box,
    openCall,
    exhaust,
  }) => {
    await box.run(["start"]);
    const call = await openCall("once", 2_500);
    const pid = box.pid();
    await exhaust(pid);
    signal(pid, "SIGTERM");
    expect(await call.ended).toMatchObject({ code: 0, stdout: expect.stringContaining("slept") as string });
    await until("the daemon is gone", () => !isAlive(pid));
    expect(box.logLines("no watchdog guards this shutdown")).toHaveLength(1);
    expect(box.logLines("daemon: stopped")).toHaveLength(1);
  });
});

const withUser = plain.extend("user", ({}, { onCleanup }) => {
  const user = new OtherUser();
  onCleanup(() => user.close());
  return user;
});

describe.skipIf(!canLimit || !canBecomeOther)("a user who may have no more processes", () => {
  withUser(
    "a call says that its server could not be started for lack of processes, and the daemon goes on",
    async ({ user }) => {
      const cli = (...args: string[]): Promise<Said> => user.run(process.execPath, [CLI, ...args]);
      const limit = (pid: number, processes: number): Promise<Said> =>
        user.run("prlimit", ["--pid", String(pid), `--nproc=${processes}:`]);
      expect(await cli("add", "one", "--", process.execPath, COUNTER)).toMatchObject({ code: 0 });
      expect(await cli("start")).toMatchObject({ code: 0 });
      const pid = user.pid("s");
      // At once: the daemon has made all the threads that it needs.
      expect(await limit(pid, 1)).toMatchObject({ code: 0 });
      const refused = await cli("call", "one", "echo");
      expect(refused).toMatchObject({ code: 1 });
      expect(refused.stderr).toContain('The server "one" could not be started: the user may have no more processes');
      expect(isAlive(pid)).toBe(true);
      expect(user.log("s")).not.toContain("uncaught");
      expect(await limit(pid, 4_096)).toMatchObject({ code: 0 });
      await until("the server starts after all", async () => (await cli("call", "one", "echo")).code === 0);
      expect(user.pid("s")).toBe(pid);
      expect(await cli("stop")).toMatchObject({ code: 0 });
    },
  );
});

it.skipIf(!canHideProc)("a daemon runs and stops where /proc is not mounted", async ({ box }) => {
  await box.run(["start"]);
  await box.run(["stop"]);
  const script = `mount -t tmpfs none /proc && exec "$0" "$@"`;
  const args = ["--mount", "sh", "-c", script, process.execPath, DAEMON, "serve", "--dir", box.dir];
  const daemon = box.track(spawn("unshare", args, { stdio: "ignore" }));
  await until("the daemon listens", () => existsSync(join(box.dir, "serve.pid")));
  await beats(box, 2);
  expect(await box.run(["call", "counter", "echo"])).toMatchObject({ code: 0 });
  const status = JSON.parse((await box.run(["status", "--json"])).stdout) as { rssBytes: number };
  expect(status.rssBytes).toBeGreaterThan(10_000_000);
  const exit = once(daemon, "exit");
  expect(await box.run(["stop"])).toMatchObject({ code: 0 });
  expect(await exit).toEqual([0, null]);
});

describe.skipIf(!canMount)("a full disk", () => {
  const onSmallDisk = it.extend("smallDisk", { auto: true }, async ({ box }, { onCleanup }) => {
    await mountDisk(box.dir, 1);
    onCleanup(() => unmountDisk(box.dir));
  });

  onSmallDisk("a daemon whose disk is full goes on, and writes what is missing once there is room", async ({ box }) => {
    box.writeServers({ counter: counter() });
    await box.run(["start"]);
    const ballast = join(box.dir, "ballast");
    expect(() => writeFileSync(ballast, Buffer.alloc(2 << 20))).toThrow("ENOSPC");

    const server = Number((await box.run(["call", "counter", "pid"])).stdout);
    expect(server).toBeGreaterThan(1);
    rmSync(join(box.dir, "serve.json"));
    await beats(box, 2);
    expect(await box.run(["call", "counter", "echo"])).toMatchObject({ code: 0 });

    rmSync(ballast);
    await until("the server is on record", () =>
      readFileSync(join(box.dir, "children.json"), { encoding: "utf8", flag: "a+" }).includes(`"pid":${server},`),
    );
    await until("the identity is there again", () => existsSync(join(box.dir, "serve.json")));
    expect(await box.run(["stop"])).toMatchObject({ code: 0 });
  });
});

describe("an exception that nothing caught", () => {
  it("an exception that shows a mistake in the daemon ends it in order: calls are answered, servers end, files go", async ({
    box,
    openCall,
  }) => {
    await box.run(["start"]);
    await box.run(["stop"]);
    const trigger = join(box.root, "trigger");
    const mistake = join(box.root, "mistake.cjs");
    writeFileSync(
      mistake,
      `const timer = setInterval(() => {
         if (!require("node:fs").existsSync(${JSON.stringify(trigger)})) return;
         clearInterval(timer);
         undefined.mistake();
       }, 20);`,
    );
    const args = ["--require", mistake, DAEMON, "serve", "--dir", box.dir];
    const daemon = box.track(spawn(process.execPath, args, { stdio: "ignore" }));
    await until("the daemon listens", () => existsSync(join(box.dir, "serve.pid")));
    const server = Number((await box.run(["call", "counter", "pid"])).stdout);
    const call = await openCall("once", 1_000);
    const exit = once(daemon, "exit");
    writeFileSync(trigger, "");
    expect(await call.ended).toMatchObject({ code: 0, stdout: expect.stringContaining("slept") as string });
    expect(await exit).toEqual([1, null]);
    expect(isAlive(server)).toBe(false);
    expect(existsSync(join(box.dir, "serve.sock"))).toBe(false);
    expect(box.logLines("which ends the daemon: TypeError")).toHaveLength(1);
    expect(box.logLines("stopping (uncaught exception: ")).toHaveLength(1);
  });

  it("a failed system call that nothing caught is logged, and the daemon goes on", async ({ box }) => {
    await box.run(["start"]);
    await box.run(["stop"]);
    const preload = join(box.root, "failure.cjs");
    writeFileSync(
      preload,
      `setInterval(() => require("node:fs").openSync("/nonexistent"), 50);
       Promise.reject(new Error("a promise that is forgotten"));`,
    );
    const args = ["--require", preload, DAEMON, "serve", "--dir", box.dir];
    box.track(spawn(process.execPath, args, { stdio: "ignore" }));
    await until("the failure is logged", () => box.logLines("uncaught exception: Error: ENOENT").length > 0);
    await beats(box, 1);
    expect(await box.run(["call", "counter", "echo"])).toMatchObject({ code: 0 });
    expect(box.logLines("uncaught exception")).toHaveLength(1);
    expect(await box.run(["stop"])).toMatchObject({ code: 0 });
  });
});
