import { execFile } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { COMMAND_MS, PACKAGES_MS } from "../../fixtures/bounds.js";
import { AppWindow, TEXT } from "../../fixtures/app/app-window.js";
import { Desktop } from "../../fixtures/desktop/desktop.js";
import { attach, startPackaged, type PackagedApp } from "../../fixtures/packages/packaged-app.js";
import { packageOf } from "../../fixtures/packages/packages.js";
import { processesWith, Sandbox, signal, until } from "../../fixtures/sandbox.js";
import { appImageStub } from "../../fixtures/packages/appimage-stub.js";
import { FEED_URL, UpdateFeed } from "../../fixtures/packages/update-feed.js";

const run = promisify(execFile);
const A = "7.1.0";
const B = "7.2.0";
const PACKAGES = resolve(".cache/test-packages");

let sandbox: Sandbox;
let desktop: Desktop;
let feed: UpdateFeed;
let apps: string;
let env: NodeJS.ProcessEnv;
const offered: Record<string, string> = {};
const running = new Set<PackagedApp>();

beforeAll(async () => {
  const unpacked = {
    [A]: await packageOf("dir", { version: A, updateUrl: FEED_URL }),
    [B]: await packageOf("dir", { version: B, updateUrl: FEED_URL }),
  };
  sandbox = new Sandbox();
  [desktop, feed] = await Promise.all([Desktop.start({ panel: false }), UpdateFeed.start()]);
  apps = join(sandbox.root, "Apps");
  mkdirSync(apps);
  for (const [version, directory] of Object.entries(unpacked)) {
    const file = join(sandbox.root, fileOf(version));
    writeFileSync(file, appImageStub(directory));
    offered[version] = file;
  }
  writeFileSync(join(apps, fileOf(A)), readFileSync(offered[A] ?? ""));
  chmodSync(join(apps, fileOf(A)), 0o755);
  // A killed app leaves temporary files of Chromium behind.
  const temp = join(sandbox.root, "t");
  mkdirSync(temp);
  env = { ...desktop.env, LOCKSTEP_DIR: sandbox.dir, ELECTRON_DISABLE_SANDBOX: "1", TMPDIR: temp };
  // The first start puts the command line in place.
  const app = start(A);
  const { page, browser } = await attach(desktop);
  await new AppWindow(page).heading(TEXT.inStep);
  await new AppWindow(page).command({ do: "quit" });
  await app.ended;
  await browser.close();
}, PACKAGES_MS);

afterAll(async () => {
  for (const { process } of running) if (process.pid !== undefined) signal(-process.pid, "SIGKILL");
  await feed?.close();
  await sandbox?.close();
  await desktop?.close();
});

beforeEach(() => {
  feed.requests.length = 0;
});

const fileOf = (version: string): string => `Lockstep-${version}-x86_64.AppImage`;

function start(version: string): PackagedApp {
  const app = startPackaged(join(apps, fileOf(version)), desktop, env);
  running.add(app);
  void app.ended.then(() => running.delete(app));
  return app;
}

const runtime = (): string => join(desktop.home, ".local/share/lockstep/runtime");

interface Told {
  code: number;
  stdout: string;
  stderr: string;
}

async function lockstep(args: string[], more: NodeJS.ProcessEnv = {}): Promise<Told> {
  try {
    const options = { env: { ...env, ...more }, timeout: COMMAND_MS };
    return { code: 0, ...(await run(join(runtime(), "resources/bin/lockstep"), args, options)) };
  } catch (error) {
    const { code, stdout, stderr } = error as Told;
    return { code, stdout, stderr };
  }
}

/** Main processes of the app whose command line contains `having`; the daemon runs from another directory. */
function appProcesses(having = ""): number[] {
  const isApp = (args: string[]): boolean => {
    const command = args.join(" ");
    return (
      command.startsWith(PACKAGES) &&
      /-unpacked\/lockstep-app( |$)/.test(command) &&
      !command.includes("--type=") &&
      command.includes(having)
    );
  };
  // Chromium overwrites its environment, so the command line has to identify it; only this test runs these packages.
  return processesWith(isApp);
}

describe("lockstep update", () => {
  it("lockstep update --check reports what is available and changes nothing", async () => {
    feed.offer = { version: A, file: offered[A] ?? "" };
    expect(await lockstep(["update", "--check"])).toMatchObject({ code: 0, stdout: `up to date: ${A}\n` });
    feed.offer = { version: B, file: offered[B] ?? "" };
    const check = await lockstep(["update", "--check"]);
    expect(check).toMatchObject({
      code: 0,
      stdout: `${B} is available (installed: ${A}); to install it: lockstep update\n`,
    });
    const json = await lockstep(["update", "--check", "--json"]);
    expect(JSON.parse(json.stdout)).toEqual({ is: "available", from: A, version: B });
    expect(feed.downloads).toEqual([]);
    expect(readdirSync(apps)).toEqual([fileOf(A)]);
  });

  it("lockstep update reports why it failed, and the next try works", async () => {
    feed.offer = { version: B, file: offered[B] ?? "", sha512: Buffer.alloc(64).toString("base64") };
    const failed = await lockstep(["update"]);
    expect(failed).toMatchObject({ code: 1, stdout: "" });
    expect(failed.stderr).toContain("lockstep: The downloaded file is not the one that was announced");
    const dead = await lockstep(["update", "--json"], { DISPLAY: "" });
    expect(dead.code).toBe(1);
    expect(JSON.parse(dead.stdout)).toMatchObject({
      is: "failed",
      error: expect.stringContaining("ended with exit 1: An update needs the app, and the app a display") as string,
    });
    renameSync(join(apps, fileOf(A)), join(apps, "elsewhere"));
    expect((await lockstep(["update"])).stderr).toMatch(/Lockstep-7\.1\.0-x86_64\.AppImage could not be started/);
    renameSync(join(apps, "elsewhere"), join(apps, fileOf(A)));
  });

  it("lockstep update reports an app that ends during the update", async () => {
    // Larger than the real one, and slow.
    const large = join(sandbox.root, "large.AppImage");
    symlinkSync(process.execPath, large);
    feed.offer = { version: B, file: large, bytesPerSecond: 1_000_000 };
    const update = lockstep(["update"]);
    await until("the download has begun", () => feed.downloads.length > 0);
    const [app] = appProcesses("--update=");
    if (app === undefined) throw new Error("no app runs that was started for an update");
    signal(app, "SIGKILL");
    expect((await update).stderr).toMatch(/lockstep: the app ended before the update did/);
    await until("all of the app has ended", () => appProcesses().length === 0);
  });

  it("lockstep update replaces the file and the staged command line when the app is not running", async () => {
    feed.offer = { version: B, file: offered[B] ?? "" };
    const told = await lockstep(["update"]);
    expect(told).toMatchObject({ code: 0, stdout: `updated ${A} → ${B}\n` });
    expect(told.stderr).toContain(`downloading ${B}`);
    expect(readdirSync(apps)).toEqual([fileOf(B)]);
    expect((await lockstep(["--version"])).stdout).toContain(`lockstep ${B} `);
    expect((await lockstep(["update"])).stdout).toBe(`up to date: ${B}\n`);
    expect(readdirSync(sandbox.dir).filter((name) => name.endsWith(".sock"))).toEqual(["serve.sock"]);
  });

  it("lockstep update lets a running app install the update and restart", async () => {
    const firstAt = Date.now();
    const app = start(B);
    const before = await attach(desktop, firstAt);
    await new AppWindow(before.page).heading(TEXT.inStep);
    // The old version's contents under a newer name are enough: the file that was installed is what starts.
    const newest = join(sandbox.root, fileOf("7.3.0"));
    writeFileSync(newest, readFileSync(offered[B] ?? ""));
    feed.offer = { version: "7.3.0", file: newest };
    const startedAt = Date.now();
    const told = await lockstep(["update"]);
    expect(told).toMatchObject({ code: 0, stdout: `updated ${B} → 7.3.0; the app restarts\n` });
    expect(await app.ended).toBe(0);
    await before.browser.close();
    const after = await attach(desktop, startedAt);
    await new AppWindow(after.page).heading(TEXT.inStep);
    expect(readdirSync(apps)).toEqual([fileOf("7.3.0")]);
    await new AppWindow(after.page).command({ do: "stop-and-quit" });
    await after.browser.close();
    await until("the app has ended", () => appProcesses().length === 0);
  });

  it("ctrl-c during lockstep update says that the update goes on, leaves nothing behind, and the app finishes it", async () => {
    const newest = join(sandbox.root, fileOf("7.5.0"));
    writeFileSync(newest, readFileSync(offered[B] ?? ""));
    // The server keeps the file open for some seconds.
    feed.offer = { version: "7.5.0", file: newest, bytesPerSecond: readFileSync(newest).length / 3 };
    const child = execFile(join(runtime(), "resources/bin/lockstep"), ["update"], { env });
    let stderr = "";
    child.stderr?.on("data", (text: string) => (stderr += text));
    const ended = new Promise<number | null>((done) => child.once("exit", (code) => done(code)));
    await until("the download has begun", () => stderr.includes("downloading 7.5.0"));
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(stderr).toContain("lockstep: interrupted; the app finishes the update that it has begun\n");
    expect(readdirSync(sandbox.dir).filter((name) => /^u\d+\.sock$/.test(name))).toEqual([]);
    await until("the app has installed the update", () => readdirSync(apps).join() === fileOf("7.5.0"));
    await until("the app has ended", () => appProcesses().length === 0);
  });

  it("lockstep update reports another app that runs, and does not update that one", async () => {
    const [installed] = readdirSync(apps);
    const other = join(sandbox.root, "Other.AppImage");
    copyFileSync(join(apps, installed ?? ""), other);
    const startedAt = Date.now();
    const app = startPackaged(other, desktop, env);
    running.add(app);
    const { page, browser } = await attach(desktop, startedAt);
    await new AppWindow(page).heading(TEXT.inStep);
    feed.offer = { version: "7.6.0", file: offered[B] ?? "" };
    const before = readFileSync(other);
    expect(await lockstep(["update"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`another Lockstep is running (${other}), and only one can: quit it`) as string,
    });
    expect(readdirSync(apps)).toEqual([installed]);
    expect(readFileSync(other).equals(before)).toBe(true);
    await new AppWindow(page).command({ do: "stop-and-quit" });
    await app.ended;
    await browser.close();
  });

  it("lockstep update changes nothing in an installation that cannot update itself, and says how to update it", async () => {
    const told = await sandbox.run(["update"]);
    expect(told).toMatchObject({ code: 1, stdout: "" });
    expect(told.stderr).toBe(
      "lockstep: This installation does not update itself: it runs from a source checkout: git pull && npm ci && npm run build\n",
    );
  });
});
