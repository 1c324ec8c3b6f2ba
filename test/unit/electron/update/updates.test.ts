import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Updates } from "../../../../electron/update/updates.js";
import type { FeedClient } from "../../../fixtures/packages/feed-client.js";
import { DAY, HOUR, SimulatedUpdates, WEEK } from "../../../fixtures/packages/simulated-updates.js";
import type { UpdateFeed } from "../../../fixtures/packages/update-feed.js";

let simulated: SimulatedUpdates;
let feed: UpdateFeed;
let client: FeedClient;
let updates: Updates;
let file: string;
const live = (ms: number): Promise<void> => simulated.live(ms);

beforeEach(async () => {
  simulated = await SimulatedUpdates.start();
  ({ feed, client, updates, file } = simulated);
});
afterEach(() => simulated.close());

describe("an update", () => {
  async function becomesReady(): Promise<void> {
    updates.setAutomatic(true);
    await live(HOUR);
    expect(updates.state).toEqual({ is: "ready", version: "2.0.0" });
  }

  it("is looked for once after a day of sleep, during which timers stand still", async () => {
    feed.offer = { version: "1.0.0", file };
    updates.setAutomatic(true);
    await live(HOUR);
    expect(feed.requests).toHaveLength(1);
    vi.setSystemTime(Date.now() + DAY);
    await live(HOUR);
    expect(feed.requests).toHaveLength(2);
    expect(updates.state).toEqual({ is: "idle", checkedAt: feed.requests[1]?.at });
  });

  it("is tried again in time, and this is shown truly, after the clock was set back by a week", async () => {
    feed.offer = { version: "2.0.0", file, instead: 503 };
    updates.setAutomatic(true);
    await live(20 * 60_000);
    const before = feed.requests.length;
    vi.setSystemTime(Date.now() - WEEK);
    vi.advanceTimersByTime(61_000);
    expect(updates.state).toMatchObject({ is: "failed" });
    expect((updates.state as { nextAt: number }).nextAt).toBeLessThan(Date.now() + HOUR);
    await live(HOUR);
    expect(feed.requests.length).toBeGreaterThan(before);
  });

  it("is tried again after its installation failed, and the server is not asked for the file again", async () => {
    await becomesReady();
    const downloads = feed.downloads.length;
    renameSync(client.file, `${client.file}.away`);
    await expect(updates.install(true)).rejects.toThrow(`${client.file} is gone: it was moved or removed.`);
    expect(updates.state).toMatchObject({ is: "failed", nextAt: expect.any(Number) as number });
    renameSync(`${client.file}.away`, client.file);
    await live(HOUR);
    expect(updates.state).toEqual({ is: "ready", version: "2.0.0" });
    expect(feed.downloads).toHaveLength(downloads);
    expect(await updates.install(true)).toBe(client.file);
    expect(client.started).toEqual([client.file]);
  });

  it("is not installed over an AppImage that the user has replaced, neither at a click nor when the app quits", async () => {
    await becomesReady();
    writeFileSync(`${client.file}.mine`, "another version");
    renameSync(`${client.file}.mine`, client.file);
    await expect(updates.install(true)).rejects.toThrow(
      `${client.file} was replaced while this app was running. Relaunch Lockstep to use it.`,
    );
    client.quit();
    expect(readFileSync(client.file, "utf8")).toBe("another version");
    const downloads = feed.downloads.length;
    await live(2 * DAY);
    expect(feed.downloads).toHaveLength(downloads);
  });

  it("that was damaged after its download is not installed, and downloaded again", async () => {
    await becomesReady();
    const pending = join(client.cache, "lockstep-updater/pending/Lockstep-2.0.0.AppImage");
    writeFileSync(pending, "damaged");
    await expect(updates.install(false)).rejects.toThrow("is not the one that was announced");
    expect(readFileSync(client.file, "utf8")).toBe("version 1.0.0");
    await live(HOUR);
    expect(updates.state).toEqual({ is: "ready", version: "2.0.0" });
    await updates.install(false);
    expect(readFileSync(client.file).equals(readFileSync(file))).toBe(true);
  });

  it("that is ready is installed when the app quits, and nothing is started", async () => {
    await becomesReady();
    client.quit();
    expect(readFileSync(client.file).equals(readFileSync(file))).toBe(true);
    expect(client.started).toEqual([]);
  });

  it("is installed and started once, also when it is asked for again before the app has quit", async () => {
    await becomesReady();
    expect(await Promise.all([updates.install(true), updates.install(true)])).toEqual([client.file, client.file]);
    expect(await updates.install(true)).toBe(client.file);
    expect(client.started).toEqual([client.file]);
  });

  it("is not looked for while automatic updates are off, no next try is shown then, and it is as soon as they are on", async () => {
    feed.offer = { version: "2.0.0", file, instead: 503 };
    updates.setAutomatic(true);
    await live(60_000);
    updates.setAutomatic(false);
    expect(updates.state).toMatchObject({ is: "failed", nextAt: undefined });
    vi.advanceTimersByTime(DAY);
    expect(feed.requests).toHaveLength(1);
    updates.setAutomatic(true);
    await live(60_000);
    expect(feed.requests).toHaveLength(2);
  });
});
