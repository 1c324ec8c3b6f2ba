import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createUpdates, type Updates } from "../../../../electron/update/updates.js";
import type { UpdateState } from "../../../../electron/model/app-state.js";
import { canMount, mountDisk, unmountDisk } from "../../../fixtures/disk.js";
import { installFeedClient, type FeedClient } from "../../../fixtures/packages/feed-client.js";
import { UpdateFeed, type Misbehaviour, type Offer } from "../../../fixtures/packages/update-feed.js";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const SIZE = 200_000;
const realTimeout = globalThis.setTimeout;

let root: string;
let feed: UpdateFeed;
let client: FeedClient;
let updates: Updates;
let file: string;
let states: UpdateState[];
let mounted = false;

/** Only the timers of the app are simulated; server, connections and files are real. */
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "week-"));
  file = join(root, "Lockstep-2.0.0.AppImage");
  writeFileSync(file, randomBytes(SIZE));
  feed = await UpdateFeed.start(0);
  feed.offer = { version: "2.0.0", file };
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"] });
  vi.stubEnv("APPIMAGE", "");
  client = installFeedClient(root, feed.host, "1.0.0", process.env);
  states = [];
  updates = createUpdates({ is: "on" }, () => Promise.resolve(client.updater));
  updates.onChange((state) => states.push(state));
});
afterEach(async () => {
  updates.close();
  vi.unstubAllEnvs();
  vi.useRealTimers();
  if (mounted) await unmountDisk(client.cache);
  await feed.close();
  rmSync(root, { recursive: true, force: true });
});

/** Lets simulated time pass, which stands still while the app and the server are at work. */
async function live(ms: number): Promise<void> {
  const end = Date.now() + ms;
  for (;;) {
    await settled();
    expectTruth();
    if (Date.now() >= end || updates.state.is === "ready") return;
    vi.advanceTimersToNextTimer();
  }
}

/** Resolves when the app only waits: for a time, or for a server that holds its answer back. */
async function settled(): Promise<void> {
  const { is } = updates.state;
  if (is !== "checking" && is !== "downloading") return;
  if (feed.held > 0) return turn();
  await turn();
  return settled();
}

function turn(): Promise<void> {
  return new Promise((done) => realTimeout(done, 1));
}

/** What the app says about the next try is true, and there is one. */
function expectTruth(): void {
  const { state } = updates;
  if (state.is !== "failed") return;
  expect(state.nextAt).toBeGreaterThanOrEqual(Date.now());
  expect(state.nextAt).toBeLessThan(Date.now() + 1.2 * DAY + 1);
}

/** The largest number of requests within any hour. */
function busiestHour(): number {
  const times = feed.requests.map(({ at }) => at);
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + HOUR).length));
}

const said = (): string[] => states.flatMap((state) => (state.is === "failed" ? [state.error] : []));

function answer(status: number, headers: Record<string, string> = {}, body: string | Buffer = ""): Misbehaviour {
  return { is: "answer", status, headers, body };
}

interface Trouble {
  offer?: Partial<Offer>;
  /** What every failure says. */
  says: RegExp;
  /** How long it lasts; two days if it is not said. */
  ms?: number;
  /** That are read of the update's file meanwhile. */
  mostBytes?: number;
  /** Makes the trouble on this machine; returns what ends it. */
  make?: () => (() => void | Promise<void>) | Promise<() => void | Promise<void>>;
}

const wrongFile = Buffer.alloc(SIZE);
const TROUBLES: Record<string, Trouble> = {
  "a feed that is not there": { offer: { instead: 404 }, ms: WEEK, says: /has no information about updates \(404\)/ },
  "a feed that is forbidden": { offer: { instead: 403 }, says: /\(403\)/ },
  "a feed whose server fails": { offer: { instead: 500 }, says: /\(500\)/ },
  "a feed that was not modified": { offer: { instead: 304 }, says: /\(304\)/ },
  "a feed that is overloaded": { offer: { instead: answer(503, { "retry-after": "7200" }) }, says: /\(503\)/ },
  "a feed that asks for a year's pause": {
    offer: { instead: answer(429, { "retry-after": "31536000" }) },
    ms: WEEK,
    says: /\(429\)/,
  },
  "a page in place of the feed": { offer: { instead: "<html>\n<b>: Log in</b>" }, says: /can't be read/ },
  "an empty feed": { offer: { instead: "" }, says: /can't be read/ },
  "a feed without an end": { offer: { instead: answer(200, {}, Buffer.alloc(3 << 20, "a")) }, says: /can't be read/ },
  "a feed that redirects without end": { offer: { instead: { is: "redirects" } }, says: /could not|can't be read/ },
  "a feed that never answers": { offer: { instead: { is: "silent" } }, says: /sent nothing for 1 min/ },
  "a feed that drips": { offer: { instead: { is: "drips" } }, says: /sent (nothing|only \d B) (for|within) 1 min/ },
  "a feed for other machines": {
    offer: { listed: ["Lockstep-armv7l.AppImage"] },
    says: /no file of it for this machine/,
  },
  "another file than announced": {
    offer: { fileInstead: () => answer(200, {}, wrongFile) },
    says: /announced/,
    ms: WEEK,
    // Once a day, in case that the server changes it without a sign.
    mostBytes: 8 * SIZE,
  },
  "another file than announced, with an ETag": {
    offer: { fileInstead: () => answer(200, { etag: '"w"' }, wrongFile) },
    says: /announced/,
    mostBytes: 3 * SIZE,
  },
  "a file of another size": {
    offer: { fileInstead: () => answer(200, {}, wrongFile.subarray(7)) },
    says: /size|still/,
  },
  "a file that is not there yet": { offer: { fileInstead: () => answer(404) }, says: /no such file \(404\)/ },
  "a range that was not asked for": { offer: { fileInstead: () => answer(206, {}, wrongFile) }, says: /\(206\)/ },
  "a range that cannot be satisfied": { offer: { fileInstead: () => answer(416) }, says: /\(416\)/ },
  "a file that never comes": { offer: { fileInstead: () => ({ is: "silent" }) }, says: /sent nothing for 1 min/ },
  "a file that drips": {
    offer: { fileInstead: () => ({ is: "drips" }) },
    says: /sent (nothing|only \d B) (for|within) 1 min/,
  },
  "a connection that is lost at once": {
    offer: { diesAfter: 1, fileInstead: dropsWithoutRanges },
    says: /was lost|\(503\)/,
  },
  "a cache directory that cannot be made": {
    make: () => {
      writeFileSync(client.cache, "in the way");
      return () => rmSync(client.cache);
    },
    says: /cache\/\S+ can't be written: there is a file in place of a directory/,
  },
  "an AppImage that was moved away": {
    make: () => {
      renameSync(client.file, `${client.file}.away`);
      return () => renameSync(`${client.file}.away`, client.file);
    },
    says: /Lockstep.AppImage is gone/,
  },
};

/** A part that can't be continued. */
function dropsWithoutRanges({ range }: { range: string | undefined }): Misbehaviour | undefined {
  return range === undefined ? undefined : answer(503);
}

describe("days with an update that fails", () => {
  async function expectBoundedWeek({ offer = {}, says, ms = 2 * DAY, mostBytes = 0, make }: Trouble): Promise<void> {
    const end = await make?.();
    feed.offer = { version: "2.0.0", file, ...offer };
    updates.setAutomatic(true);
    await live(ms);
    const rounds = feed.requests.filter(({ path }) => path === "latest-linux.yml").length;
    expect(said().length).toBeGreaterThan(4);
    for (const sentence of said()) expect(sentence).toMatch(says);
    expect(
      said().every((sentence) => sentence.includes("Lockstep.AppImage") || !/undefined|Error|\n/.test(sentence)),
    ).toBe(true);
    expect(updates.state).toMatchObject({ is: "failed" });
    expect(rounds).toBeGreaterThan(4);
    // Of a wrong feed it reads a megabyte.
    const feeds = rounds * (offer.instead !== undefined ? (1 << 20) + 70_000 : 1000);
    expect(client.received()).toBeLessThanOrEqual(mostBytes + feeds);
    expect(feed.requests.filter(({ status }) => status !== 302).length).toBeLessThan(ms / HOUR + 20);
    const redirects =
      offer.instead !== undefined && typeof offer.instead === "object" && offer.instead.is === "redirects";
    expect(busiestHour()).toBeLessThanOrEqual(redirects ? 25 * 5 : 12);
    await end?.();
    feed.offer = { version: "2.0.0", file };
    await live(1.3 * DAY);
    expect(updates.state).toEqual({ is: "ready", version: "2.0.0" });
    expect(await updates.install(false)).toBe(client.file);
    expect(readFileSync(client.file).equals(readFileSync(file))).toBe(true);
  }

  it.each(Object.entries(TROUBLES))(
    "costs few requests and few bytes, ends when it is healed, and is reported truly: %s",
    (_, trouble) => expectBoundedWeek(trouble),
  );

  it.skipIf(process.getuid?.() === 0)(
    "costs few requests and few bytes, ends when it is healed, and is reported truly: a directory that cannot be written (root can write everywhere)",
    () =>
      expectBoundedWeek({
        says: /Apps can't be replaced: permission denied/,
        make: () => {
          chmodSync(dirname(client.file), 0o500);
          return () => chmodSync(dirname(client.file), 0o700);
        },
      }),
  );

  it.skipIf(!canMount)(
    "costs few requests and few bytes, ends when it is healed, and is reported truly: a full disk (only root can mount a small one)",
    () =>
      expectBoundedWeek({
        says: /not enough room in .*partial: 1\.\d MB are missing|not enough room/,
        make: async () => {
          mkdirSync(client.cache);
          await mountDisk(client.cache, 1);
          mounted = true;
          return async () => {
            await unmountDisk(client.cache);
            mounted = false;
          };
        },
      }),
  );
});

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
