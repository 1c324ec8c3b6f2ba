import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, readFile, rm, stat, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HttpStatusError, NoRoomError, SilentServerError, WrongHashError } from "./update-problem.js";

export interface Download {
  url: string;
  headers: Record<string, string>;
  /** SHA-512 of the whole file, base64. */
  sha512: string;
  /** Partial downloads are kept here, even across restarts. */
  directory: string;
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Called once the size is known, before anything is written; rejects if there is no room for it. */
  onSize?: (bytes: number) => Promise<void>;
  onProgress: (received: number, total: number | undefined) => void;
}

/** A server that sends nothing for so long is given up, ms. */
const SILENT_MS = 60_000;
/** What a file system needs besides the file itself, bytes. */
const ROOM_TO_SPARE = 1 << 20;

/**
 * Downloads a file, and resumes an earlier try: only the rest is requested (Range), if the server still has the same
 * file (If-Range). Resolves with the path of a file whose hash is right. A file with a wrong hash is discarded, and
 * downloaded once more from the beginning if a part of it came from an earlier try.
 */
export async function downloadResumably(download: Download): Promise<string> {
  const partial = await partialFor(download);
  const resumed = await fill(download, partial);
  if ((await sha512Of(partial.file)) === download.sha512) return partial.file;
  await discard(partial);
  if (!resumed) throw new WrongHashError("the hash of the whole download differs");
  return downloadResumably(download);
}

/** The part that is on disk, and the tag by which the server names this version of the file. */
interface Partial {
  file: string;
  tagFile: string;
}

/** One file is downloaded at a time, so parts of any other file are removed. */
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

/** Downloads what is missing. Resolves to true if it resumed an earlier try. */
async function fill(download: Download, partial: Partial): Promise<boolean> {
  const have = await sizeOf(partial.file);
  const silence = watchSilence();
  try {
    const response = await ask(download, partial, have, silence.signal);
    const start = response.status === 206 ? startOf(response) : 0;
    // The server sends another range than was requested: begin again without the old part.
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
  // Without this header a server may compress the file, and the range would then count compressed bytes.
  const headers: Record<string, string> = { ...download.headers, "accept-encoding": "identity" };
  if (have > 0) {
    headers["range"] = `bytes=${have}-`;
    const tag = await readFile(partial.tagFile, "utf8").catch(() => "");
    if (tag !== "") headers["if-range"] = tag;
  }
  return download.fetch(download.url, { headers, signal });
}

/** Where the range in the answer begins; NaN, which equals no position, if the answer does not say. */
function startOf(response: Response): number {
  return Number(/^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1]);
}

/** A weak tag does not promise the same bytes, so it can't be used for a range. */
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
  // No chunks.
}

/** Throws NoRoomError unless `needed` bytes more fit. Other programs may fill the disk later all the same. */
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

/** Timers count awake time on Linux and macOS; a connection does not survive sleep anyway. */
function watchSilence(): { signal: AbortSignal; heard: () => void; stop: () => void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), SILENT_MS);
  return {
    signal: controller.signal,
    heard: () => timer.refresh(),
    stop: () => clearTimeout(timer),
  };
}
