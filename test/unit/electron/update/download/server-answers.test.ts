import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { downloadResumably } from "../../../../../electron/update/download/resumable-download.js";
import { openPart } from "../../../../../electron/update/download/part.js";
import { BrokenOffError, HttpStatusError, WrongFileError } from "../../../../../electron/update/update-problem.js";
import { UpdateFeed, type FeedRequest, type Misbehaviour } from "../../../../fixtures/packages/update-feed.js";

const FILE = randomBytes(200_000);
const HAVE = 50_000;
const SHA512 = createHash("sha512").update(FILE).digest("base64");
const HTML = "<html>Log in to the hotel's network</html>";

let root: string;
let feed: UpdateFeed;
let file: string;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "answers-"));
  file = join(root, "update.AppImage");
  writeFileSync(file, FILE);
  feed = await UpdateFeed.start(0);
});
afterEach(async () => {
  await feed.close();
  rmSync(root, { recursive: true, force: true });
});

function load(): Promise<string> {
  return downloadResumably({
    url: `http://${feed.host}/update.AppImage`,
    headers: {},
    sha512: SHA512,
    size: FILE.length,
    directory: join(root, "partial"),
    fetch,
    onProgress: () => undefined,
  });
}

function answer(status: number, body: string | Buffer = "", headers: Record<string, string> = {}): Misbehaviour {
  return { is: "answer", status, body, headers };
}

const chunked = { "transfer-encoding": "chunked" };
const rangeOf = (from: number, to: number, of: number): Record<string, string> => ({
  "content-range": `bytes ${from}-${to}/${of}`,
});

interface Case {
  /** What the server answers, always. */
  answers: (request: FeedRequest) => Misbehaviour | undefined;
  error: new (...args: never[]) => Error;
  message?: RegExp;
}

const CASES: Record<string, Case> = {
  "a file that is shorter than announced": {
    answers: () => answer(200, FILE.subarray(0, 100_000)),
    error: WrongFileError,
    message: /size/,
  },
  "a file that is longer than announced": {
    answers: () => answer(200, Buffer.concat([FILE, FILE])),
    error: WrongFileError,
    message: /size/,
  },
  "a shorter file without its length": {
    answers: () => answer(200, FILE.subarray(0, 100_000), chunked),
    error: WrongFileError,
    message: /hash/,
  },
  "a longer file without its length": {
    answers: () => answer(200, Buffer.concat([FILE, FILE]), chunked),
    error: WrongFileError,
    message: /hash/,
  },
  "other bytes of the same length": {
    answers: () => answer(200, Buffer.alloc(FILE.length)),
    error: WrongFileError,
    message: /hash/,
  },
  "a page in place of the file": {
    answers: () => answer(200, HTML, { "content-type": "text/html" }),
    error: WrongFileError,
    message: /size/,
  },
  nothing: { answers: () => answer(200), error: WrongFileError, message: /size/ },
  "a range of no position": { answers: () => answer(206, FILE), error: HttpStatusError, message: /206/ },
  "another range": {
    answers: () => answer(206, FILE.subarray(7), rangeOf(7, FILE.length - 1, FILE.length)),
    error: HttpStatusError,
    message: /206/,
  },
  "a range of another file": {
    answers: ({ range }) => answer(206, FILE.subarray(HAVE), rangeOf(range === undefined ? 0 : HAVE, 299_999, 300_000)),
    error: HttpStatusError,
    message: /206/,
  },
  "not modified": { answers: () => answer(304), error: HttpStatusError, message: /304/ },
  forbidden: { answers: () => answer(403, HTML), error: HttpStatusError, message: /403/ },
  "not found": { answers: () => answer(404, HTML), error: HttpStatusError, message: /404/ },
  "a range that is not satisfiable": { answers: () => answer(416), error: HttpStatusError, message: /416/ },
  "too many requests": {
    answers: () => answer(429, "", { "retry-after": "120" }),
    error: HttpStatusError,
    message: /429/,
  },
  "an error of its own": { answers: () => answer(500, HTML), error: HttpStatusError, message: /500/ },
  "an overload": {
    answers: () => answer(503, "", { "retry-after": "Wed, 21 Oct 2065 07:28:00 GMT" }),
    error: HttpStatusError,
    message: /503/,
  },
  "no content": { answers: () => answer(204), error: HttpStatusError, message: /204/ },
  "a redirect without end": { answers: () => ({ is: "redirects" }), error: TypeError },
};

describe.each(Object.entries(CASES))("a server that answers with %s", (_, { answers, error, message }) => {
  it.each([
    ["from the beginning", 0],
    ["from an earlier part", HAVE],
  ])("is asked twice at most for a download %s, and the next one works once it is healed", async (_, have) => {
    if (have > 0) {
      mkdirSync(join(root, "partial"));
      writeFileSync((await openPart(join(root, "partial"), SHA512)).file, FILE.subarray(0, have));
    }
    feed.offer = { version: "2.0.0", file, fileInstead: answers };
    const failure = await load().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(failure).toBeInstanceOf(error);
    if (message) expect((failure as Error).message).toMatch(message);
    // Redirects are counted by the browser, or by Node: some twenty.
    expect(feed.requests.filter(({ status }) => status !== 302).length).toBeLessThanOrEqual(2);
    expect(feed.requests.length).toBeLessThanOrEqual(25);
    feed.offer = { version: "2.0.0", file };
    expect(readFileSync(await load()).equals(FILE)).toBe(true);
  });
});

it("a server that says when to ask again is understood, in seconds and as a date", async () => {
  const retryAfter = async (header: string): Promise<number | undefined> => {
    feed.offer = { version: "2.0.0", file, fileInstead: () => answer(429, "", { "retry-after": header }) };
    const error = await load().catch((reason: unknown) => reason);
    return (error as HttpStatusError).retryAfterMs;
  };
  expect(await retryAfter("120")).toBe(120_000);
  const inAnHour = await retryAfter(new Date(Date.now() + 3_600_000).toUTCString());
  expect(inAnHour).toBeGreaterThan(3_000_000);
  expect(inAnHour).toBeLessThanOrEqual(3_600_000);
  expect(await retryAfter("Wed, 21 Oct 2015 07:28:00 GMT")).toBeUndefined();
  expect(await retryAfter("soon")).toBeUndefined();
});

describe("a file that turned out to be a wrong one", () => {
  const wrong = Buffer.alloc(FILE.length);
  it.each<[string, Record<string, string>]>([
    ["an ETag", { etag: '"wrong"' }],
    ["a weak ETag", { etag: 'W/"wrong"' }],
    ["a date", { "last-modified": "Wed, 21 Oct 2015 07:28:00 GMT" }],
    ["its length only", {}],
  ])("is not loaded again while the server has the same one by %s", async (_, headers) => {
    let body = 0;
    feed.offer = {
      version: "2.0.0",
      file,
      fileInstead: () => {
        body++;
        return answer(200, wrong, headers);
      },
    };
    await expect(load()).rejects.toThrow(/hash/);
    const error = await load().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ by: "still" });
    expect(body).toBe(2);
    expect(readdirSync(join(root, "partial")).filter((name) => !name.endsWith(".wrong"))).toEqual([]);
  });

  it("is only asked for under a condition, and the answer 304 means that it is still there", async () => {
    const conditions: (string | undefined)[] = [];
    const etag = '"wrong"';
    const asked = (url: string, init: RequestInit): Promise<Response> => {
      conditions.push(new Headers(init.headers).get("if-none-match") ?? undefined);
      return fetch(url, init);
    };
    const answers = [answer(200, wrong, { etag }), answer(304, "", { etag }), undefined];
    feed.offer = { version: "2.0.0", file, fileInstead: () => answers[conditions.length - 1] };
    const attempt = (): Promise<string> =>
      downloadResumably({
        url: `http://${feed.host}/update.AppImage`,
        headers: {},
        sha512: SHA512,
        size: FILE.length,
        directory: join(root, "partial"),
        fetch: asked,
        onProgress: () => undefined,
      });
    await expect(attempt()).rejects.toMatchObject({ by: "hash" });
    await expect(attempt()).rejects.toMatchObject({ by: "still" });
    expect(readFileSync(await attempt()).equals(FILE)).toBe(true);
    expect(conditions).toEqual([undefined, etag, etag]);
  });
});

it("a connection that is lost in the middle leaves a part, which the next try continues", async () => {
  feed.offer = { version: "2.0.0", file, diesAfter: 100_000 };
  await expect(load()).rejects.toBeInstanceOf(BrokenOffError);
  feed.offer = { version: "2.0.0", file };
  expect(readFileSync(await load()).equals(FILE)).toBe(true);
  expect(feed.requests.map(({ status }) => status)).toEqual([200, 206]);
});

it("a range that ends early is kept, and the next try continues it", async () => {
  const short = (request: FeedRequest): Misbehaviour | undefined => {
    const start = Number(/\d+/.exec(request.range ?? "")?.[0] ?? NaN);
    if (Number.isNaN(start)) return undefined;
    const end = Math.min(start + 60_000, FILE.length);
    return answer(206, FILE.subarray(start, end), rangeOf(start, end - 1, FILE.length));
  };
  feed.offer = { version: "2.0.0", file, diesAfter: 100_000 };
  await expect(load()).rejects.toBeInstanceOf(BrokenOffError);
  feed.offer = { version: "2.0.0", file, fileInstead: short };
  let tries = 0;
  const untilDone = async (): Promise<string> => {
    tries++;
    return load().catch((error: unknown) => {
      expect(error).toBeInstanceOf(BrokenOffError);
      if (tries > 5) throw error;
      return untilDone();
    });
  };
  expect(readFileSync(await untilDone()).equals(FILE)).toBe(true);
});
