import { open } from "node:fs/promises";
import { BrokenOffError, NoRoomError, WrongFileError } from "../update-problem.js";
import { ask, chunksOf, lengthOf, statusError, type Fetch } from "./answer.js";
import { watchPace, type Pace } from "./pace.js";
import { fileTagOf, isSameFile, openPart, type FileTag, type Part } from "./part.js";
import { requireRoom } from "./room.js";

export interface Download {
  url: string;
  headers: Record<string, string>;
  /** SHA-512 of the whole file, base64. */
  sha512: string;
  /** Of the whole file, bytes; undefined if it was not announced. */
  size: number | undefined;
  /** Partial downloads are kept here, even across restarts. */
  directory: string;
  fetch: Fetch;
  /** Called once the size is known, before anything is written; rejects if there is no room for it. */
  onSize?: (bytes: number) => Promise<void>;
  onProgress: (received: number, total: number | undefined) => void;
}

/** No update is larger; bytes. */
const LARGEST = 1 << 30;

/**
 * Downloads a file, and resumes an earlier try: only the rest is requested (Range), if the server still has the same
 * file (If-Range). Resolves with the path of a file whose hash is right. At most two requests: the second asks for the
 * whole file, after an earlier part turned out to be useless. A wrong file is discarded, and not downloaded again for a
 * day while the server has the same one.
 */
export async function downloadResumably(download: Download): Promise<string> {
  const { sha512, size } = download;
  const part = await openPart(download.directory, sha512);
  const have = await part.size();
  // An earlier try may have been ended before it could use the complete file.
  if (have > 0 && (size === undefined || have === size) && (await part.hasHash(sha512))) return part.file;
  if (size !== undefined && have >= size) await part.discard();
  let taken = await take(download, part, await part.size());
  const isUseless = taken.is === "another-range" || (taken.is === "the-rest" && !(await part.hasHash(sha512)));
  if (isUseless) {
    await part.discard();
    taken = await take(download, part, 0);
  }
  if (await part.hasHash(sha512)) return part.file;
  await part.setWrong(taken.tag);
  throw new WrongFileError("hash");
}

interface Taken {
  /** `another-range`: than the one requested, so nothing was taken. */
  is: "whole" | "the-rest" | "another-range";
  tag: FileTag;
}

/** One request, for what is missing after `have` bytes. The part is kept if the connection is lost. */
async function take(download: Download, part: Part, have: number): Promise<Taken> {
  const pace = watchPace();
  try {
    const wrong = await part.wrong();
    const condition = have > 0 ? await rangeHeaders(part, have) : unlessSame(wrong);
    const response = await ask(download.fetch, download.url, { ...download.headers, ...condition }, pace);
    const tag = fileTagOf(response);
    const refuse = async <E extends Error>(error: E): Promise<never> => {
      await response.body?.cancel();
      throw error;
    };
    if (have > 0 && (response.status === 206 || response.status === 416)) {
      if (response.status === 206 && startOf(response) === have && fits(endOf(response), download)) {
        await write(response, have, endOf(response), download, part, pace);
        return { is: "the-rest", tag };
      }
      await response.body?.cancel();
      return { is: "another-range", tag };
    }
    if (wrong && have === 0 && response.status === 304) return await refuse(new WrongFileError("still"));
    if (response.status !== 200) return await refuse(statusError(response));
    if (wrong && isSameFile(wrong, tag)) return await refuse(new WrongFileError("still"));
    const length = lengthOf(response);
    if (!fits(length, download)) {
      await part.setWrong(tag);
      return await refuse(new WrongFileError("size"));
    }
    await part.discard();
    await write(response, 0, length, download, part, pace);
    return { is: "whole", tag };
  } finally {
    pace.stop();
  }
}

async function rangeHeaders(part: Part, have: number): Promise<Record<string, string>> {
  const condition = await part.condition();
  return { range: `bytes=${have}-`, ...(condition !== "" && { "if-range": condition }) };
}

/** Lets the server answer with 304 while it has the file that was a wrong one. */
function unlessSame(wrong: FileTag | undefined): Record<string, string> {
  if (!wrong) return {};
  if (wrong.etag !== null) return { "if-none-match": wrong.etag };
  return wrong.lastModified === null ? {} : { "if-modified-since": wrong.lastModified };
}

function fits(length: number | undefined, { size }: Download): boolean {
  return length === undefined || size === undefined || length === size;
}

/** Where the range in the answer begins; NaN, which equals no position, if the answer does not say. */
function startOf(response: Response): number {
  return Number(/^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1]);
}

/** The length of the whole file by an answer that carries a range of it. */
function endOf(response: Response): number | undefined {
  const total = /^bytes \d+-\d+\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1];
  return total === undefined ? undefined : Number(total);
}

/** Writes the body after `start` bytes; `total` of the whole file, as the server says. */
async function write(
  response: Response,
  start: number,
  total: number | undefined,
  download: Download,
  part: Part,
  pace: Pace,
): Promise<void> {
  const expected = total ?? download.size;
  const most = download.size ?? total ?? LARGEST;
  if (expected !== undefined) {
    await requireRoom(download.directory, expected - start);
    await download.onSize?.(expected);
  }
  await part.keepCondition(fileTagOf(response));
  let received = start;
  download.onProgress(received, expected);
  const out = await open(part.file, start > 0 ? "a" : "w", 0o600);
  try {
    for await (const chunk of chunksOf(response, pace)) {
      received += chunk.length;
      if (received > most) break;
      await writeAll(out, chunk);
      download.onProgress(received, expected);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOSPC" && code !== "EDQUOT") throw error;
    // A full disk stops other programs too, so the part is not kept.
    await part.discard();
    throw new NoRoomError(download.directory, expected === undefined ? undefined : expected - received);
  } finally {
    await out.close();
  }
  if (total !== undefined && received < total) throw new BrokenOffError(`${received} of ${total} bytes`);
}

async function writeAll(out: Awaited<ReturnType<typeof open>>, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length;) at += (await out.write(chunk, at)).bytesWritten;
}
