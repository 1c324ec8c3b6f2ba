import type { FileHandle } from "node:fs/promises";
import { filesBackwards, LOG_BLOCK_BYTES, MAX_LINE_BYTES, NEWLINE, readAt, visitLinesBackwards } from "./blocks.js";
import type { LogPosition } from "./files.js";
import type { PlacedLine } from "./reader.js";
import { wholeCharacters } from "./utf8-edges.js";

export interface SearchResult {
  hit: PlacedLine | undefined;
  /** Where to continue: at the next older hit, or where the byte budget was spent. Undefined if all was searched. */
  before: LogPosition | undefined;
}

export interface SearchOptions {
  /** How much may be read, bytes. Default 64 MiB. */
  maxBytes?: number;
  signal?: AbortSignal;
}

/**
 * Finds the newest line before `from` (undefined: the end) that contains `needle`, in the log at `path` and its older
 * files. Ignores case if `needle` is ASCII, else it is case-sensitive. Searches bytes, block by block, and decodes only
 * the line of a hit.
 */
export async function searchBackwards(
  path: string,
  needle: string,
  from: LogPosition | undefined,
  options: SearchOptions = {},
): Promise<SearchResult> {
  const { maxBytes = 64 * 1024 * 1024, signal } = options;
  if (needle === "" || needle.includes("\n")) return { hit: undefined, before: undefined };
  const sought = soughtBytes(needle);
  let budget = maxBytes;

  for await (const { file, key, end } of filesBackwards(path, from)) {
    let position = end;
    while (position > 0) {
      signal?.throwIfAborted();
      if (budget <= 0) return { hit: undefined, before: { file: key, offset: position } };
      const start = Math.max(0, position - LOG_BLOCK_BYTES);
      // Blocks overlap, so that a hit across their border is found in the block in which it begins.
      const overlap = Math.min(end - position, sought.length - 1);
      const at = sought.lastIn(await readAt(file, start, position - start + overlap));
      if (at !== -1) {
        const hit = await lineAround(file, key, start + at);
        return { hit, before: hit.at };
      }
      budget -= position - start;
      position = start;
    }
  }
  return { hit: undefined, before: undefined };
}

interface Sought {
  length: number;
  lastIn(block: Buffer): number;
}

function soughtBytes(needle: string): Sought {
  if (!/^[\x20-\x7e]+$/.test(needle)) {
    const bytes = Buffer.from(needle);
    return { length: bytes.length, lastIn: (block) => block.lastIndexOf(bytes) };
  }
  // Latin-1 has one character per byte, so offsets are those of the bytes; `i` then folds ASCII letters only.
  const pattern = new RegExp(needle.replace(/[^\w ]/g, "\\$&"), "gi");
  return { length: needle.length, lastIn: (block) => lastMatch(pattern, block.toString("latin1")) };
}

function lastMatch(pattern: RegExp, text: string): number {
  let last = -1;
  for (const match of text.matchAll(pattern)) last = match.index;
  return last;
}

async function lineAround(file: FileHandle, key: string, offset: number): Promise<PlacedLine> {
  let start = 0;
  await visitLinesBackwards(file, offset, (beginning) => {
    start = beginning.start;
    return false;
  });
  const pieces: Buffer[] = [await readAt(file, start, offset - start)];
  for (let at = offset; at - offset < MAX_LINE_BYTES; at += LOG_BLOCK_BYTES) {
    const block = await readAt(file, at, LOG_BLOCK_BYTES);
    const newline = block.indexOf(NEWLINE);
    pieces.push(newline === -1 ? block : block.subarray(0, newline));
    if (newline !== -1 || block.length < LOG_BLOCK_BYTES) break;
  }
  return { text: wholeCharacters(Buffer.concat(pieces)), at: { file: key, offset: start } };
}
