import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Browser } from "playwright";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PACKAGES_MS, onSlowest } from "../../fixtures/bounds.js";
import { AppWindow, BUTTON, TEXT } from "../../fixtures/app/app-window.js";
import { appImageStub } from "../../fixtures/packages/appimage-stub.js";
import { Desktop } from "../../fixtures/desktop/desktop.js";
import { canMount, mountDisk, unmountDisk } from "../../fixtures/disk.js";
import { attach, startPackaged, type PackagedApp } from "../../fixtures/packages/packaged-app.js";
import { packageOf } from "../../fixtures/packages/packages.js";
import { Sandbox, signal, until } from "../../fixtures/sandbox.js";
import { FEED_HOST, FEED_URL, UpdateFeed } from "../../fixtures/packages/update-feed.js";

const run = promisify(execFile);
const VERSION = "7.1.0";
const NEWER = "7.2.0";
const SIZE = 6_000_000;

let sandbox: Sandbox;
let desktop: Desktop;
let feed: UpdateFeed;
let app: PackagedApp;
let browser: Browser;
let window: AppWindow;
/** What the feed offers. It is never started here, so its content does not matter. */
let update: string;
let appImage: string;
let cache: string;
let lockstep: string;

beforeAll(async () => {
  const unpacked = await packageOf("dir", { version: VERSION, updateUrl: FEED_URL });
  lockstep = join(unpacked, "resources/bin/lockstep");
  sandbox = new Sandbox();
  [desktop, feed] = await Promise.all([Desktop.start({ panel: false }), UpdateFeed.start()]);
  update = join(sandbox.root, `Lockstep-${NEWER}-x86_64.AppImage`);
  writeFileSync(update, randomBytes(SIZE));
  appImage = join(sandbox.root, "Apps/Lockstep.AppImage");
  mkdirSync(dirname(appImage));
  writeFileSync(appImage, appImageStub(unpacked));
  chmodSync(appImage, 0o755);
  cache = join(desktop.home, ".cache");
  mkdirSync(cache, { recursive: true });
  if (canMount) await mountDisk(cache, 16);
  feed.offer = { version: "7.0.9", file: update };
  app = startPackaged(appImage, desktop, { LOCKSTEP_DIR: sandbox.dir });
  const attached = await attach(desktop);
  browser = attached.browser;
  window = new AppWindow(attached.page);
  await window.tab("Settings").click();
}, PACKAGES_MS);

afterAll(async () => {
  await window?.command({ do: "stop-and-quit" }).catch(() => undefined);
  await Promise.race([app.ended, until("the app has quit", () => false, onSlowest(5_000)).catch(() => undefined)]);
  if (app.process.pid !== undefined) signal(-app.process.pid, "SIGKILL");
  await browser?.close();
  if (canMount) await unmountDisk(cache);
  await feed.close();
  await sandbox.close();
  await desktop.close();
});

beforeEach(() => {
  feed.requests.length = 0;
});

/** Expects the old version to be unchanged: its file, its window and its calls. */
async function goesOn(): Promise<void> {
  expect(readFileSync(appImage, "utf8")).toContain("APPDIR");
  await window.says(TEXT.keepsRunningAndTriesAgain(VERSION));
  await window.says(`Lockstep ${VERSION}`);
  const { stdout } = await run(lockstep, ["call", "memory", "read_graph"], {
    env: { HOME: desktop.home, LOCKSTEP_DIR: sandbox.dir, PATH: "/usr/bin:/bin" },
  });
  expect(JSON.parse(stdout)).toEqual({ entities: [], relations: [] });
}

const partial = (): string => join(cache, "lockstep-updater/partial");
const parts = (): string[] => readdirSync(partial()).filter((name) => name.endsWith(".part"));

describe("an update that fails", () => {
  it("the app checks for updates automatically some seconds after its start, and an older version in the feed is no update", async () => {
    await until("the app has looked for an update", () => feed.requests.length > 0);
    await window.says(TEXT.upToDate);
    expect(feed.downloads).toEqual([]);
  });

  it.each([
    ["does not exist", 404, TEXT.feedHasNothing(FEED_HOST)],
    ["fails", 503, TEXT.feedFailed(FEED_HOST, 503)],
    ["is not YAML", "\u0000<html>: [", TEXT.feedUnreadable(FEED_HOST)],
    ["has no fields", "hello", TEXT.feedUnreadable(FEED_HOST)],
    ["is empty", "", TEXT.feedUnreadable(FEED_HOST)],
    ["redirects without end", { is: "redirects" } as const, TEXT.feedRedirects(FEED_HOST)],
  ])("a feed that %s is reported", async (_, instead, message) => {
    feed.offer = { version: NEWER, file: update, instead };
    await window.press(BUTTON.checkForUpdates);
    await window.says(message);
    await goesOn();
  });

  it("a feed that cannot be reached is reported", async () => {
    await feed.close();
    try {
      await window.press(BUTTON.checkForUpdates);
      await window.says(TEXT.feedRefused(FEED_HOST));
      await goesOn();
    } finally {
      feed = await UpdateFeed.start();
    }
  });

  it("a file that is not the announced one is discarded", async () => {
    feed.offer = { version: NEWER, file: update, sha512: Buffer.alloc(64).toString("base64") };
    await window.press(BUTTON.checkForUpdates);
    await window.says(TEXT.wrongFile);
    await goesOn();
    expect(feed.downloads).toMatchObject([{ status: 200, sent: SIZE }]);
    await window.press(BUTTON.checkForUpdates);
    await window.says(TEXT.stillWrong(FEED_HOST));
    expect(feed.downloads).toHaveLength(2);
    expect(parts()).toEqual([]);
  });

  it("a file of which the server has only the beginning is not downloaded", async () => {
    feed.offer = { version: NEWER, file: update, truncatedTo: SIZE / 4 };
    await window.press(BUTTON.checkForUpdates);
    await window.says(TEXT.wrongSize(FEED_HOST));
    await goesOn();
    expect(feed.downloads).toMatchObject([{ status: 200 }]);
    expect(parts()).toEqual([]);
  });

  it("an update without a file for this machine is reported and not downloaded", async () => {
    feed.offer = { version: NEWER, file: update, listed: [`Lockstep-${NEWER}-armv7l.AppImage`] };
    await window.press(BUTTON.checkForUpdates);
    await window.says(TEXT.noFileForMachine(FEED_HOST, NEWER));
    await goesOn();
    expect(feed.downloads).toEqual([]);
  });

  it.skipIf(!canMount)(
    "a full disk is reported with how much is missing (only root can mount a small one)",
    async () => {
      const filler = join(cache, "filler");
      writeFileSync(filler, Buffer.alloc(13_000_000));
      feed.offer = { version: NEWER, file: update };
      try {
        await window.press(BUTTON.checkForUpdates);
        // 16 MiB less 13 MB are free; the update needs 6 MB, and one MiB is kept free.
        await window.says(TEXT.noRoom);
        await goesOn();
      } finally {
        rmSync(filler);
      }
    },
  );

  it("a download whose server dies midway resumes where it stopped", async () => {
    feed.offer = { version: NEWER, file: update, diesAfter: SIZE / 2 };
    await window.press(BUTTON.checkForUpdates);
    await window.says(TEXT.feedBrokeOff(FEED_HOST));
    await goesOn();
    expect(existsSync(partial())).toBe(true);
    feed.offer = { version: NEWER, file: update };
    await window.press(BUTTON.checkForUpdates);
    await window.button(BUTTON.restartToUpdate).first().waitFor();
    await window.says(TEXT.updateReady(NEWER));
    const [first, second] = feed.downloads;
    expect(feed.downloads).toHaveLength(2);
    expect(first).toMatchObject({ status: 200, range: undefined, sent: SIZE / 2 });
    expect(second).toMatchObject({ status: 206, range: expect.stringMatching(/^bytes=\d+-$/) as string });
    // It had received less than was sent: data in transit is lost when the connection breaks.
    const start = Number(/\d+/.exec(second?.range ?? "")?.[0]);
    expect(start).toBeGreaterThan(0);
    expect(start).toBeLessThanOrEqual(SIZE / 2);
    expect(second?.sent).toBe(SIZE - start);
    expect(statSync(join(cache, "lockstep-updater/pending", `Lockstep-${NEWER}-x86_64.AppImage`)).size).toBe(SIZE);
  });

  it("a missing app directory leaves the app and the downloaded file unchanged", async () => {
    renameSync(dirname(appImage), join(sandbox.root, "elsewhere"));
    await window.button(BUTTON.restartToUpdate).first().click();
    await window.says(TEXT.appIsGone(appImage));
    await window.says(TEXT.keepsRunningAndTriesAgain(VERSION));
    renameSync(join(sandbox.root, "elsewhere"), dirname(appImage));
    feed.requests.length = 0;
    await window.press(BUTTON.checkForUpdates);
    await window.says(TEXT.updateReady(NEWER));
    expect(feed.downloads).toEqual([]);
  });

  it("an AppImage that the user has replaced meanwhile is not replaced", async () => {
    const mine = join(sandbox.root, "mine");
    renameSync(appImage, mine);
    writeFileSync(appImage, "another version");
    await window.button(BUTTON.restartToUpdate).first().click();
    await window.says(TEXT.appWasReplaced(appImage));
    await window.says(TEXT.keepsRunningAndTriesAgain(VERSION));
    expect(readFileSync(appImage, "utf8")).toBe("another version");
    renameSync(mine, appImage);
    await window.press(BUTTON.checkForUpdates);
    await window.says(TEXT.updateReady(NEWER));
  });
});

it("a ready update is installed when the user quits, and nothing is started", async () => {
  const daemons = sandbox.daemons();
  await window.command({ do: "quit" });
  expect(await app.ended).toBe(0);
  expect(readFileSync(appImage).equals(readFileSync(update))).toBe(true);
  expect(readdirSync(dirname(appImage))).toEqual([basename(appImage)]);
  expect(sandbox.daemons()).toEqual(daemons);
});
