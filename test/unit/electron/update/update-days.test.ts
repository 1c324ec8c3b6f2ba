import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Updates } from "../../../../electron/update/updates.js";
import { canMount, makeReadOnly, mountDisk, unmountDisk } from "../../../fixtures/disk.js";
import type { FeedClient } from "../../../fixtures/packages/feed-client.js";
import { DAY, HOUR, SimulatedUpdates, SIZE, WEEK } from "../../../fixtures/packages/simulated-updates.js";
import type { Misbehaviour, Offer, UpdateFeed } from "../../../fixtures/packages/update-feed.js";

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
/** What a test has made on this machine and not ended yet. */
let leftOver: (() => unknown) | undefined;
afterEach(async () => {
  await leftOver?.();
  leftOver = undefined;
  await simulated.close();
});

/** The largest number of requests within any hour. */
function busiestHour(): number {
  const times = feed.requests.map(({ at }) => at);
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + HOUR).length));
}

const said = (): string[] => simulated.states.flatMap((state) => (state.is === "failed" ? [state.error] : []));

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
    leftOver = await make?.();
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
    await leftOver?.();
    leftOver = undefined;
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
    "costs few requests and few bytes, ends when it is healed, and is reported truly: an AppImage on a read-only disk (only root can mount one)",
    () =>
      expectBoundedWeek({
        says: /Apps can't be replaced: the disk is read-only/,
        make: async () => {
          await makeReadOnly(dirname(client.file));
          return () => unmountDisk(dirname(client.file));
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
          return () => unmountDisk(client.cache);
        },
      }),
  );
});
