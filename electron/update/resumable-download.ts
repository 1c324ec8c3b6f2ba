import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, readFile, rm, stat, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HttpStatusError, NoRoomError, SilentServerError, WrongHashError } from "./update-problem.js";

export interface Download {
  url: string;
  headers: Record<string, string>;
  /** Of the whole file, base64. */
  sha512: string;
  /** What is there of a file waits here for the next try, also over a restart of the app. */
  directory: string;
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** The size is known and nothing was written yet; throws where it cannot be taken. */
  onSize?: (bytes: number) => Promise<void>;
  onProgress: (received: number, total: number | undefined) => void;
}

/** A server that says nothing for so long will say nothing any more, ms. */
const SILENT_MS = 60_000;
/** What a file system needs besides the file itself. */
const ROOM_TO_SPARE = 1 << 20;

/**
 * Downloads a file, going on where an earlier try broke off: what is there of it is asked for no more (Range), as long
 * as the server says that it is still the same file (If-Range). Resolves with the path of a file whose hash is right;
 * a wrong one is thrown away, and loaded as a whole once more if a part of it was old.
 */
export async function downloadResumably(download: Download): Promise<string> {
  const partial = await partialFor(download);
  const resumed = await fill(download, partial);
  if ((await sha512Of(partial.file)) === download.sha512) return partial.file;
  await discard(partial);
  if (!resumed) throw new WrongHashError("the hash of the whole download differs");
  return downloadResumably(download);
}

/** The file as far as it is there, and the tag by which its server knows it. */
interface Partial {
  file: string;
  tagFile: string;
}

/** One file is loaded at a time, so what is there of another one is of no use any more. */
async function partialFor({ directory, sha512 }: Download): Promise<Partial> {
  const name = createHash("sha256").update(sha512).digest("hex").slice(0, 32);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const other of await readdir(directory)) {
    if (!other.startsWith(name)) await rm(join(directory, other), { recursive: true, force: true });
  }
  return { file: join(directory, `${name}.part`), tagFile: join(directory, `${name}.tag`) };
}

async function discard({ file, tagFile }: Partial): Promise<void> {
  await rm(file, { force: true });
  await rm(tagFile, { force: true });
}

/** Loads what is missing. True: it went on with what an earlier try had left. */
async function fill(download: Download, partial: Partial): Promise<boolean> {
  const have = await sizeOf(partial.file);
  const silence = watchSilence();
  try {
    const response = await ask(download, partial, have, silence.signal);
    const start = response.status === 206 ? startOf(response) : 0;
    // Whatever it sends instead of what was asked for: all over again, without the old part.
    if (response.status === 416 || (start !== 0 && start !== have)) {
      await response.body?.cancel();
      await discard(partial);
      return await fill(download, partial);
    }
    if (!response.ok) throw new HttpStatusError(response.status);
    await keepTag(response, partial);
    await take(response, start, download, partial, silence.heard);
    return start > 0;
  } catch (error) {
    throw silence.signal.aborted ? new SilentServerError(SILENT_MS) : error;
  } finally {
    silence.stop();
  }
}

async function ask(download: Download, partial: Partial, have: number, signal: AbortSignal): Promise<Response> {
  // A range of something that is compressed on its way would be a range of something else.
  const headers: Record<string, string> = { ...download.headers, "accept-encoding": "identity" };
  if (have > 0) {
    headers["range"] = `bytes=${have}-`;
    const tag = await readFile(partial.tagFile, "utf8").catch(() => "");
    if (tag !== "") headers["if-range"] = tag;
  }
  return download.fetch(download.url, { headers, signal });
}

/** Where the part that is sent begins; NaN, which is no place to go on from, where it does not say so. */
function startOf(response: Response): number {
  return Number(/^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1]);
}

/** A weak tag does not promise the same bytes, so it is no use for a range. */
async function keepTag(response: Response, { tagFile }: Partial): Promise<void> {
  const etag = response.headers.get("etag");
  const tag = etag === null || etag.startsWith("W/") ? response.headers.get("last-modified") : etag;
  if (tag === null) await rm(tagFile, { force: true });
  else await writeFile(tagFile, tag, { mode: 0o600 });
}

async function take(
  response: Response,
  start: number,
  download: Download,
  { file }: Partial,
  heard: () => void,
): Promise<void> {
  const length = Number(response.headers.get("content-length") ?? NaN);
  const total = Number.isSafeInteger(length) ? start + length : undefined;
  if (total !== undefined) {
    await requireRoom(download.directory, total - start);
    await download.onSize?.(total);
  }
  let received = start;
  download.onProgress(received, total);
  const out = await open(file, start > 0 ? "a" : "w", 0o600);
  try {
    for await (const chunk of chunksOf(response)) {
      heard();
      await writeAll(out, chunk, download.directory, total === undefined ? undefined : total - received);
      received += chunk.length;
      download.onProgress(received, total);
    }
  } finally {
    await out.close();
  }
  if (total !== undefined && received < total) throw new Error("net::ERR_CONTENT_LENGTH_MISMATCH");
}

function chunksOf(response: Response): AsyncIterable<Uint8Array> {
  return (response.body as unknown as AsyncIterable<Uint8Array> | null) ?? emptyBody();
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {
  // nothing to give
}

/** Throws NoRoomError where so much more does not fit. Others fill the disk too, so it can fill up all the same. */
export async function requireRoom(directory: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const missing = needed + ROOM_TO_SPARE - bavail * bsize;
  if (missing > 0) throw new NoRoomError(directory, missing);
}

async function writeAll(
  out: Awaited<ReturnType<typeof open>>,
  chunk: Uint8Array,
  directory: string,
  left: number | undefined,
): Promise<void> {
  try {
    for (let at = 0; at < chunk.length;) at += (await out.write(chunk, at)).bytesWritten;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === "ENOSPC" || code === "EDQUOT" ? new NoRoomError(directory, left) : error;
  }
}

async function sha512Of(file: string): Promise<string> {
  const hash = createHash("sha512");
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("base64");
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

/** A timer counts awake time on Linux and macOS; a connection that slept through is broken anyway. */
function watchSilence(): { signal: AbortSignal; heard: () => void; stop: () => void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), SILENT_MS);
  return {
    signal: controller.signal,
    heard: () => timer.refresh(),
    stop: () => clearTimeout(timer),
  };
}
