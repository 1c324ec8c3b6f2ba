import { execFile } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  watch,
} from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PACKAGES_MS } from "../../fixtures/bounds.js";
import { AppWindow, BUTTON, MENU, TEXT } from "../../fixtures/app/app-window.js";
import { Desktop } from "../../fixtures/desktop/desktop.js";
import { canMount, mountDisk, resizeDisk, unmountDisk } from "../../fixtures/disk.js";
import { attach, startPackaged, type PackagedApp } from "../../fixtures/packages/packaged-app.js";
import { packageOf } from "../../fixtures/packages/packages.js";
import { isAlive, Sandbox, signal, until } from "../../fixtures/sandbox.js";

const run = promisify(execFile);
const A = "7.1.0";
const B = "7.2.0";
/** Room for one and a half runtimes, so a second copy does not fit. */
const SMALL_DISK_MB = 330;
const LARGE_DISK_MB = 700;
/** Too small for one runtime. */
const TINY_DISK_MB = 100;

interface OpenApp extends PackagedApp {
  window: AppWindow;
  browser: Browser;
}

let packages: Record<string, string>;
let sandbox: Sandbox;
let desktop: Desktop;
/** The file that the user keeps and replaces. */
let kept: string;
/** Where the AppImages are mounted. */
let mounts: string;
let runtime: string;
let disk: string;
const running = new Set<PackagedApp>();

beforeAll(async () => {
  packages = { [A]: await packageOf("appimage", { version: A }), [B]: await packageOf("appimage", { version: B }) };
  sandbox = new Sandbox();
  desktop = await Desktop.start({ panel: false });
  mounts = join(sandbox.root, "mounts");
  kept = join(sandbox.root, "Apps/Lockstep.AppImage");
  disk = join(desktop.home, ".local/share/lockstep");
  runtime = join(disk, "runtime");
  for (const directory of [mounts, dirname(kept), disk]) mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (canMount) await mountDisk(disk, LARGE_DISK_MB);
}, PACKAGES_MS);

afterAll(async () => {
  for (const app of running) killWhole(app);
  await sandbox.close();
  if (canMount) await unmountDisk(disk);
  await desktop.close();
});

/** Downloads like a browser: under another name, then renamed over the old file. */
function download(version: string, to = kept): string {
  copyFileSync(packages[version] ?? "", `${to}.part`);
  renameSync(`${to}.part`, to);
  return to;
}

function start(file: string): PackagedApp {
  const app = startPackaged(file, desktop, { TMPDIR: mounts, LOCKSTEP_DIR: sandbox.dir });
  running.add(app);
  void app.ended.then(() => running.delete(app));
  return app;
}

async function open(file: string): Promise<OpenApp> {
  const startedAt = Date.now();
  const app = start(file);
  const { page, browser } = await attach(desktop, startedAt);
  return { ...app, window: new AppWindow(page), browser };
}

async function command(app: OpenApp, what: "quit" | "relaunch" | "stop-and-quit"): Promise<void> {
  await app.window.command({ do: what });
  expect(await app.ended).toBe(0);
  await app.browser.close();
}

/** Runs the staged command line, which the user's link points to. */
async function lockstep(...args: string[]): Promise<{ code: number; out: string }> {
  const env = { HOME: desktop.home, PATH: "/usr/bin:/bin", LOCKSTEP_DIR: sandbox.dir };
  try {
    const { stdout, stderr } = await run(join(runtime, "resources/bin/lockstep"), args, { env, cwd: "/" });
    return { code: 0, out: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout + stderr };
  }
}

async function status(): Promise<Record<string, unknown>> {
  return JSON.parse((await lockstep("status", "--json")).out) as Record<string, unknown>;
}

const autostart = (): string => join(desktop.home, ".config/autostart/lockstep.desktop");
const mounted = (): string[] => readdirSync(mounts).filter((name) => name.startsWith(".mount_"));

/** The runtime script, the app, and Electron's other processes. */
function killWhole(app: PackagedApp): void {
  if (app.process.pid !== undefined) signal(-app.process.pid, "SIGKILL");
}

describe("an AppImage", () => {
  let pid: number;

  it("an AppImage starts a daemon that does not run from the mount", async () => {
    download(A);
    const app = await open(kept);
    await app.window.heading(TEXT.inStep);
    pid = sandbox.pid();
    expect(await status()).toMatchObject({
      pid,
      inStep: true,
      version: A,
      installRoot: join(realpathSync(runtime), "resources/lockstep"),
      execPath: join(realpathSync(runtime), "lockstep-app"),
    });
    expect(mounted()).toHaveLength(1);
    for (const file of ["cmdline", "environ", "maps"]) {
      expect(readFileSync(`/proc/${pid}/${file}`, "utf8")).not.toContain(".mount_");
    }
    const names = readFileSync(`/proc/${pid}/environ`, "utf8")
      .split("\0")
      .map((entry) => entry.split("=")[0]);
    expect(names.filter((name) => /^(APPIMAGE|APPDIR|ARGV0|OWD|ELECTRON_(?!RUN_AS_NODE).*)$/.test(name ?? ""))).toEqual(
      [],
    );
    await command(app, "quit");
  });

  it("the daemon keeps working when the AppImage has ended and its mount is gone", async () => {
    await until("the mount is gone", () => mounted().length === 0);
    expect(isAlive(pid)).toBe(true);
    // Only now are a hosted server started and the transport to remote servers loaded.
    expect((await lockstep("call", "memory", "read_graph")).out).toContain('"entities": []');
    sandbox.writeServers({ memory: { lockstep: { builtin: "memory" } }, far: { url: "http://127.0.0.1:9/mcp" } });
    await until("the remote server is known", async () => (await lockstep("servers")).out.includes("far"));
    expect((await lockstep("call", "far", "x")).out).toMatch(/127\.0\.0\.1:9/);
    const { servers, ...rest } = await status();
    expect(rest).toMatchObject({ pid, inStep: true });
    const [memory] = servers as { name: string; pid: number }[];
    expect(readFileSync(`/proc/${memory?.pid}/environ`, "utf8")).not.toMatch(/\.mount_|APPIMAGE=|APPDIR=/);
  });

  it("an AppImage installs its command line and its autostart entry with paths that last", async () => {
    const app = await open(kept);
    const link = join(desktop.home, ".local/bin/lockstep");
    await app.window.heading(TEXT.inStep);
    await app.window.choose(MENU.installCommandLine);
    await app.window.says(TEXT.commandLineInstalled);
    expect((await run(link, ["--version"])).stdout).toContain(`lockstep ${A} `);
    await app.window.choose(MENU.removeCommandLine);
    await app.window.says(TEXT.commandLineRemoved);
    expect(existsSync(link)).toBe(false);

    await app.window.command({ do: "change-setting", change: { key: "startAtLogin", value: true } });
    await until("it starts at login", () => existsSync(autostart()));
    expect(readFileSync(autostart(), "utf8")).toContain(`Exec="${kept}" "--hidden"\n`);
    await command(app, "quit");
  });

  it("an AppImage finds its daemon again, and offers to relaunch when a newer file was started", async () => {
    const first = await open(kept);
    await first.window.heading(TEXT.inStep);
    expect(sandbox.pid()).toBe(pid);

    download(B);
    // The second start shows the first app's window and installs the version that it brought.
    expect(await start(kept).ended).toBe(0);
    await first.window.says(TEXT.installed(B));
    expect(await status()).toMatchObject({ pid, version: A, inStep: false, installed: { version: B } });
    expect((await lockstep("status")).out).toContain("the daemon is older");
    expect(sandbox.ledger()).toHaveLength(1);

    const relaunchedAt = Date.now();
    await first.window.press(BUTTON.relaunch);
    expect(await first.ended).toBe(0);
    await first.browser.close();
    const { page, browser } = await attach(desktop, relaunchedAt);
    await new AppWindow(page).heading(TEXT.inStep);
    await until("the new daemon runs", async () => (await status())["version"] === B);
    expect(await status()).toMatchObject({ inStep: true });
    expect(sandbox.logLines("daemon: started after")).toEqual([
      expect.stringContaining(`started after version-mismatch restart (prev=${A},now=${B},by=`),
    ]);
    pid = sandbox.pid();
    await new AppWindow(page).command({ do: "quit" });
    await browser.close();
    await until("the relaunched app and its mount are gone", () => mounted().length === 0);
  });

  it("an older AppImage does not replace a newer one in another place", async () => {
    const older = await open(download(A, join(dirname(kept), "old.AppImage")));
    await older.window.heading(TEXT.inStep);
    await older.window.says(TEXT.installed(B));
    expect(sandbox.pid()).toBe(pid);
    expect(readFileSync(autostart(), "utf8")).toContain(`Exec="${kept}"`);
    await command(older, "quit");
  });

  it("an AppImage killed while staging leaves the installed version intact", async () => {
    download(A);
    const copying = new Promise<void>((resolve) => {
      const watcher = watch(disk, (_, name) => {
        if (name !== "runtime.fresh") return;
        watcher.close();
        resolve();
      });
    });
    const app = start(kept);
    await copying;
    killWhole(app);
    await app.ended;
    expect(existsSync(join(disk, "runtime.fresh"))).toBe(true);
    expect((await lockstep("--version")).out).toContain(`lockstep ${B} `);
    expect(await status()).toMatchObject({ pid, version: B, inStep: true });
  });

  // A disk of its own can only be mounted by root.
  it.skipIf(!canMount)("an AppImage on a full disk keeps using the installed version and says what to do", async () => {
    rmSync(join(disk, "runtime.fresh"), { recursive: true });
    await resizeDisk(disk, SMALL_DISK_MB);
    const app = await open(kept);
    await app.window.heading(TEXT.inStep);
    await app.window.says(TEXT.notPrepared(A));
    await app.window.says(TEXT.diskIsFullStartAgain);
    expect(await status()).toMatchObject({ pid, version: B, inStep: true });
    await command(app, "quit");
    await resizeDisk(disk, LARGE_DISK_MB);
  });

  it("an AppImage completes a failed staging at its next start, even to an older version", async () => {
    const app = await open(kept);
    await until("the older daemon runs", async () => (await status())["version"] === A);
    await app.window.heading(TEXT.inStep);
    expect(await status()).toMatchObject({ inStep: true });
    expect(sandbox.logLines("daemon: started after")).toEqual([
      expect.stringContaining(`prev=${A},now=${B},`),
      expect.stringContaining(`prev=${B},now=${A},`),
    ]);
    await command(app, "quit");
  });

  it("a runtime removed under its daemon is reported by another installation, and calls still work", async () => {
    expect((await lockstep("call", "memory", "read_graph")).code).toBe(0);
    pid = sandbox.pid();
    rmSync(runtime, { recursive: true });
    expect((await sandbox.run(["status"])).stdout).toMatch(/its files +were removed; the daemon still works/);
    const { code, stdout } = await sandbox.run(["call", "memory", "read_graph"]);
    expect({ code, graph: JSON.parse(stdout) as unknown }).toEqual({ code: 0, graph: { entities: [], relations: [] } });
    expect(sandbox.pid()).toBe(pid);
    expect((await sandbox.run(["stop"])).code).toBe(0);
  });

  it.skipIf(!canMount)(
    "an AppImage without room for its runtime says why, and starts automatically once there is room",
    async () => {
      await until("what ran from the removed files has given up its room", () =>
        resizeDisk(disk, TINY_DISK_MB).then(
          () => true,
          () => false,
        ),
      );
      const app = await open(kept);
      await app.window.heading(TEXT.couldNotStart);
      await app.window.says(TEXT.diskIsFull);
      await resizeDisk(disk, LARGE_DISK_MB);
      await app.window.heading(TEXT.inStep);
      expect(await status()).toMatchObject({ version: A, inStep: true });
      await command(app, "stop-and-quit");
    },
  );
});
