import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createUpdates, type Updates } from "../../../../electron/update/updates.js";
import { installMacClient } from "../../../fixtures/packages/feed-client.js";
import { until } from "../../../fixtures/sandbox.js";
import { SquirrelStandIn } from "../../../fixtures/packages/squirrel.js";
import { UpdateFeed } from "../../../fixtures/packages/update-feed.js";

const require = createRequire(import.meta.url);

let root: string;
let feed: UpdateFeed;
let squirrel: SquirrelStandIn;
let updates: Updates;
let quits: number;
let zip: Buffer;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "mac-"));
  zip = randomBytes(100_000);
  const file = join(root, "Lockstep-2.0.0-mac.zip");
  writeFileSync(file, zip);
  feed = await UpdateFeed.start(0);
  feed.offer = { version: "2.0.0", file };
  squirrel = new SquirrelStandIn();
  // electron-updater takes it from there.
  require.cache[require.resolve("electron")] = { exports: { autoUpdater: squirrel } } as NodeJS.Module;
  // It looks for sysctl and uname there; neither is needed here.
  vi.stubEnv("PATH", "");
  quits = 0;
  const updater = installMacClient(root, feed.host, "1.0.0", squirrel, () => quits++);
  updates = createUpdates({ is: "on" }, () => Promise.resolve(updater));
});
afterEach(async () => {
  delete require.cache[require.resolve("electron")];
  vi.unstubAllEnvs();
  vi.useRealTimers();
  updates.close();
  await feed.close();
  rmSync(root, { recursive: true, force: true });
});

/** Whether the server is open from which Squirrel takes the update. */
function isServing(): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(squirrel.port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      done(true);
    });
    socket.once("error", () => done(false));
  });
}

describe("an update on macOS", () => {
  it("is ready when Squirrel has accepted it and not sooner, and no port is open any more then", async () => {
    squirrel.does = "wait";
    const run = updates.run();
    await until("Squirrel has taken the update", () => squirrel.taken.equals(zip));
    expect(await isServing()).toBe(true);
    await new Promise((done) => setImmediate(done));
    expect(updates.state.is).toBe("downloading");
    await expect(updates.install(true)).rejects.toThrow("no update is ready");
    expect([squirrel.quits, quits]).toEqual([0, 0]);
    squirrel.accept();
    expect(await run).toEqual({ is: "ready", version: "2.0.0" });
    expect(await isServing()).toBe(false);
  });

  it("is installed by Squirrel, which starts the new app if the old one was in use", async () => {
    await updates.run();
    await updates.install(true);
    expect([squirrel.quits, quits]).toEqual([1, 0]);
  });

  it("is installed when the app quits if it was not in use", async () => {
    await updates.run();
    await updates.install(false);
    expect([squirrel.quits, quits]).toEqual([0, 1]);
  });

  it("that Squirrel refuses is reported in its words, and tried again without another download", async () => {
    squirrel.does = { error: "Code signature did not pass validation" };
    expect(await updates.run()).toMatchObject({
      is: "failed",
      error: "macOS did not accept the update: Code signature did not pass validation.",
    });
    expect(await isServing()).toBe(false);
    squirrel.does = "accept";
    expect(await updates.run()).toEqual({ is: "ready", version: "2.0.0" });
    expect(feed.downloads).toHaveLength(1);
    expect(squirrel.listenerCount("update-downloaded")).toBe(1);
  });

  it.each(["nothing", "wait"] as const)(
    "is given up when Squirrel never reports it (%s), and tried again",
    async (does) => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
      squirrel.does = does;
      const run = updates.run();
      await until("the server was opened", () => squirrel.port > 0);
      if (does === "wait") await until("Squirrel has taken the update", () => squirrel.taken.equals(zip));
      vi.advanceTimersByTime(5 * 60_000);
      expect(await run).toMatchObject({
        is: "failed",
        error: "macOS did not accept the update: it was not ready after 5 min.",
      });
      expect(await isServing()).toBe(false);
      squirrel.does = "accept";
      expect(await updates.run()).toEqual({ is: "ready", version: "2.0.0" });
    },
  );
});
