import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PACKAGES_MS } from "../../fixtures/bounds.js";
import { AppWindow, BUTTON, TEXT } from "../../fixtures/app/app-window.js";
import { startCaller, type Caller } from "../../fixtures/daemons/caller.js";
import { Desktop } from "../../fixtures/desktop/desktop.js";
import { attach, startPackaged, type PackagedApp } from "../../fixtures/packages/packaged-app.js";
import { packageOf } from "../../fixtures/packages/packages.js";
import { Sandbox, signal, until } from "../../fixtures/sandbox.js";
import { FEED_URL, UpdateFeed } from "../../fixtures/packages/update-feed.js";

const run = promisify(execFile);
const A = "7.1.0";
const B = "7.2.0";
const CLIS = 20;
/** An AppImage has 240 MB, which are downloaded, copied into place, unpacked, and in part copied to the runtime. */

let sandbox: Sandbox;
let desktop: Desktop;
let feed: UpdateFeed;
let offered: string;
let installed: string;
let runtime: string;
let counted: string;
let env: NodeJS.ProcessEnv;
let app: PackagedApp;
let browser: Browser;
let window: AppWindow;
let caller: Caller;

beforeAll(async () => {
  const first = await packageOf("appimage", { version: A, updateUrl: FEED_URL });
  offered = await packageOf("appimage", { version: B, updateUrl: FEED_URL });
  sandbox = new Sandbox();
  [desktop, feed] = await Promise.all([Desktop.start({ panel: false }), UpdateFeed.start()]);
  feed.offer = { version: A, file: first };
  installed = join(sandbox.root, "Apps", basename(first));
  mkdirSync(dirname(installed));
  copyFileSync(first, installed);
  runtime = join(desktop.home, ".local/share/lockstep/runtime");
  counted = join(sandbox.root, "counted");
  const counter = { command: process.execPath, args: [resolve("test/fixtures/servers/counter.mjs")] };
  sandbox.writeServers({ counter: { ...counter, env: { COUNTER_FILE: counted } } });
  const mounts = join(sandbox.root, "mounts");
  mkdirSync(mounts);
  env = { TMPDIR: mounts, LOCKSTEP_DIR: sandbox.dir };
}, PACKAGES_MS);

afterAll(async () => {
  await window?.command({ do: "stop-and-quit" }).catch(() => undefined);
  const mounts = join(sandbox.root, "mounts");
  await until("the app and its mount are gone", () => readdirSync(mounts).length === 0).catch(() => undefined);
  if (app?.process.pid !== undefined) signal(-app.process.pid, "SIGKILL");
  await browser?.close();
  caller?.process.kill("SIGKILL");
  await feed?.close();
  await sandbox?.close();
  await desktop?.close();
});

/** The window of the app that was started after `after` (ms since the epoch). */
async function openWindow(after?: number): Promise<void> {
  const attached = await attach(desktop, after);
  browser = attached.browser;
  window = new AppWindow(attached.page);
}

const code = (): string => join(runtime, "resources/lockstep");
const stagedVersion = (): string =>
  existsSync(code())
    ? (JSON.parse(readFileSync(join(code(), "build-info.json"), "utf8")) as { version: string }).version
    : "";

/** What the tool did, by the ids of the calls that made it do so. */
function executed(): string[] {
  return readFileSync(counted, "utf8")
    .split("\n")
    .filter((line) => /^(echo|slow) /.test(line))
    .map((line) => line.split(" ")[1] ?? "");
}

interface CliCall {
  id: string;
  code: number;
  stderr: string;
}

async function cliCall(id: string): Promise<CliCall> {
  const lockstep = join(runtime, "resources/bin/lockstep");
  try {
    const { stderr } = await run(lockstep, ["call", "counter", "echo", `id=${id}`], {
      env: { ...desktop.env, ...env },
    });
    return { id, code: 0, stderr };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { id, code, stderr };
  }
}

describe("an update, from the feed to the new daemon", () => {
  it("before an update, the old version is at work", async () => {
    app = startPackaged(installed, desktop, env);
    await openWindow();
    await window.heading(TEXT.inStep);
    await until("the runtime is staged", () => stagedVersion() === A);
    caller = startCaller(
      { codeDir: code(), execPath: join(runtime, "lockstep-app"), server: "counter" },
      { ...desktop.env, ...env },
    );
    await until("calls are answered", () => caller.said.filter(({ is }) => is === "answered").length > 20);
    expect(caller.said[0]).toMatchObject({ link: "connected", version: A });
    await window.tab("Settings").click();
    await window.says(`Lockstep ${A}`);
  });

  it("an update is downloaded after a click, with its progress shown", async () => {
    // The automatic check is over by then, and the next one is hours away.
    await window.says(TEXT.upToDate);
    feed.offer = { version: B, file: offered, bytesPerSecond: 150e6 };
    await window.press(BUTTON.checkForUpdates);
    await window.says(TEXT.downloading(B));
    await window.downloadProgress.waitFor();
    await window.says(TEXT.updateReady(B));
    expect(feed.downloads).toMatchObject([{ path: basename(offered), status: 200 }]);
    expect(existsSync(installed)).toBe(true);
    expect(stagedVersion()).toBe(A);
  });

  it("an update ends with the new app and one restart of the daemon, with no call lost or repeated", async () => {
    const clickedAt = Date.now();
    await window.button(BUTTON.restartToUpdate).first().click();
    // Calls start as soon as the new command line exists, while the new app is still starting.
    await until("the new version is staged", () => stagedVersion() === B);
    const clis = await Promise.all(Array.from({ length: CLIS }, (_, n) => cliCall(`cli-${n}`)));
    expect(await app.ended).toBe(0);
    await browser.close();
    await openWindow(clickedAt);
    await window.heading(TEXT.inStep);
    await until("the long-lived client is on the new daemon", () =>
      caller.said.some(({ link, version }) => link === "connected" && version === B),
    );
    const before = caller.said.length;
    await until("its calls go on", () => caller.said.length > before + 20);
    await caller.end();

    // The new file has replaced the old one, under its own name.
    expect(readdirSync(dirname(installed))).toEqual([basename(offered)]);
    await window.says(TEXT.bothAre(B));

    // One restart, reported once in log, ledger and window.
    const crumb = `started after version-mismatch restart (prev=${A},now=${B},by=`;
    expect(sandbox.logLines("daemon: started after")).toEqual([expect.stringContaining(crumb)]);
    expect(sandbox.logLines("daemon: ready")).toHaveLength(2);
    const restarts = sandbox.ledger().filter(({ did }) => did === "restart");
    expect(restarts).toMatchObject([{ why: "version-mismatch", prev: A, now: B }]);
    expect(await window.page.getByText(TEXT.restartedOutOfStep(A, B)).count()).toBe(1);
    // The long-lived client followed and started no daemon.
    expect(sandbox.log()).not.toContain(`by=pid${caller.process.pid}`);
    expect(caller.said.filter(({ link }) => link === "connected").map(({ version }) => version)).toEqual([A, B]);

    // Every call was answered, and ran once.
    const calls = caller.said.filter(({ call }) => call !== undefined);
    expect(calls.filter(({ is }) => is !== "answered")).toEqual([]);
    expect(clis.filter(({ code }) => code !== 0)).toEqual([]);
    const answered = [...calls.map(({ call }) => call), ...clis.map(({ id }) => id)];
    expect(executed().sort()).toEqual(answered.sort());
  });
});
