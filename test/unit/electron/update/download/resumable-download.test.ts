import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HttpStatusError, NoRoomError, WrongFileError } from "../../../../../electron/update/update-problem.js";
import { downloadResumably } from "../../../../../electron/update/download/resumable-download.js";
import { canMount, mountDisk, unmountDisk } from "../../../../fixtures/disk.js";
import { requireRoom } from "../../../../../electron/update/download/room.js";

const FILE = randomBytes(3_000_000);
const OTHER = randomBytes(3_000_000);
const sha512 = (bytes: Buffer): string => createHash("sha512").update(bytes).digest("base64");

/** Serves ranges as the standard says; `cutAt`: breaks the connection off after so many bytes of an answer. */
interface Feed {
  bytes: Buffer;
  etag: string | undefined;
  cutAt: number | undefined;
  ranges: boolean;
  status: number;
  /** Whether it says how long its answer is. */
  length: boolean;
}

let feed: Feed;
let requests: { range: string | undefined; sent: number }[];
let server: Server;
let directory: string;

beforeEach(async () => {
  feed = { bytes: FILE, etag: '"one"', cutAt: undefined, ranges: true, status: 200, length: true };
  requests = [];
  directory = mkdtempSync(join(tmpdir(), "rd-"));
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  rmSync(directory, { recursive: true, force: true });
});

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { range, "if-range": ifRange } = request.headers;
  const { bytes, etag, cutAt, ranges, status } = feed;
  const usable = ranges && range !== undefined && (ifRange === undefined || ifRange === etag);
  const start = usable ? Number(/\d+/.exec(range)?.[0]) : 0;
  const part = bytes.subarray(start, cutAt === undefined ? undefined : start + cutAt);
  requests.push({ range, sent: part.length });
  if (status !== 200 || start >= bytes.length) return void response.writeHead(status === 200 ? 416 : status).end();
  response.writeHead(usable ? 206 : 200, {
    ...(feed.length && { "content-length": bytes.length - start }),
    ...(etag !== undefined && { etag }),
    ...(usable && { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
  });
  response.write(part, () => (cutAt === undefined ? response.end() : response.socket?.end()));
}

function load(
  expected = sha512(FILE),
  progress: [number, number | undefined][] = [],
  into = directory,
): Promise<string> {
  const { port } = server.address() as AddressInfo;
  return downloadResumably({
    url: `http://127.0.0.1:${port}/file`,
    headers: {},
    sha512: expected,
    size: undefined,
    directory: into,
    fetch,
    onProgress: (received, total) => progress.push([received, total]),
  });
}

const parts = (): string[] => readdirSync(directory).filter((name) => name.endsWith(".part"));
/** toEqual takes seconds for a megabyte. */
const holds = (file: string, bytes: Buffer): boolean => readFileSync(file).equals(bytes);

/** How many bytes are there then: what was on its way when the connection went may be lost. */
async function breakOff(): Promise<number> {
  feed.cutAt = 1_000_000;
  await expect(load()).rejects.toThrow();
  feed.cutAt = undefined;
  const part = readdirSync(directory).find((name) => name.endsWith(".part"));
  const { size } = statSync(join(directory, part!));
  expect(size).toBeGreaterThan(0);
  return size;
}

describe("a download", () => {
  it("is the whole file, with its progress reported", async () => {
    const progress: [number, number | undefined][] = [];
    expect(holds(await load(undefined, progress), FILE)).toBe(true);
    expect(progress[0]).toEqual([0, FILE.length]);
    expect(progress.at(-1)).toEqual([FILE.length, FILE.length]);
  });

  it("goes on where it broke off", async () => {
    const have = await breakOff();
    const progress: [number, number | undefined][] = [];
    expect(holds(await load(undefined, progress), FILE)).toBe(true);
    expect(requests).toEqual([
      { range: undefined, sent: 1_000_000 },
      { range: `bytes=${have}-`, sent: FILE.length - have },
    ]);
    expect(progress[0]).toEqual([have, FILE.length]);
  });

  it("begins anew where the server gives no ranges", async () => {
    const have = await breakOff();
    feed.ranges = false;
    expect(holds(await load(), FILE)).toBe(true);
    expect(requests[1]).toEqual({ range: `bytes=${have}-`, sent: FILE.length });
  });

  it("begins anew when the file on the server is another one by now", async () => {
    await breakOff();
    Object.assign(feed, { bytes: OTHER, etag: '"two"' });
    await expect(load()).rejects.toThrow(WrongFileError);
    expect(requests[1]?.sent).toBe(OTHER.length);
    expect(parts()).toEqual([]);
  });

  it("is loaded as a whole at once when the part from before was a wrong one", async () => {
    feed.etag = undefined;
    const have = await breakOff();
    const [part] = readdirSync(directory);
    writeFileSync(join(directory, part!), Buffer.alloc(have));
    expect(holds(await load(), FILE)).toBe(true);
    expect(requests.slice(1)).toEqual([
      { range: `bytes=${have}-`, sent: FILE.length - have },
      { range: undefined, sent: FILE.length },
    ]);
  });

  it("begins anew when there is more of it than the server has", async () => {
    await breakOff();
    const part = readdirSync(directory).find((name) => name.endsWith(".part"));
    writeFileSync(join(directory, part!), Buffer.alloc(FILE.length + 5));
    expect(holds(await load(), FILE)).toBe(true);
  });

  it("with another hash than announced is thrown away", async () => {
    await expect(load(sha512(OTHER))).rejects.toThrow(WrongFileError);
    expect(parts()).toEqual([]);
  });

  it("of another version takes the place of one that was never finished", async () => {
    await breakOff();
    feed.bytes = OTHER;
    expect(holds(await load(sha512(OTHER)), OTHER)).toBe(true);
    expect(readdirSync(directory)).toHaveLength(2);
  });

  it("that the server refuses leaves what is there for the next try", async () => {
    const have = await breakOff();
    feed.status = 503;
    await expect(load()).rejects.toThrow(HttpStatusError);
    feed.status = 200;
    expect(holds(await load(), FILE)).toBe(true);
    expect(requests[2]).toEqual({ range: `bytes=${have}-`, sent: FILE.length - have });
  });
});

it("a part that is complete already is used without a request", async () => {
  const file = await load();
  requests.length = 0;
  expect(await load()).toBe(file);
  expect(requests).toEqual([]);
  expect(holds(file, FILE)).toBe(true);
});

it.skipIf(!canMount)(
  "a disk that fills up during a download is reported, and what was written is given back (only root can mount a small one)",
  async () => {
    const disk = join(directory, "disk");
    mkdirSync(disk);
    await mountDisk(disk, 2);
    try {
      // Without a length nothing tells beforehand that 3 MB do not fit.
      feed.length = false;
      await expect(load(undefined, [], disk)).rejects.toBeInstanceOf(NoRoomError);
      expect(readdirSync(disk).filter((name) => name.endsWith(".part"))).toEqual([]);
      expect(requests).toHaveLength(1);
    } finally {
      await unmountDisk(disk);
    }
  },
);

it("what does not fit is not begun, and how much is missing is known", async () => {
  await expect(requireRoom(directory, 1e15)).rejects.toMatchObject({
    directory,
    missing: expect.any(Number) as number,
  });
  await expect(requireRoom(directory, 1)).resolves.toBeUndefined();
});
