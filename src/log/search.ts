import type { FileHandle } from "node:fs/promises";
import { filesBackwards, LOG_BLOCK_BYTES, MAX_LINE_BYTES, NEWLINE, readAt, visitLinesBackwards } from "./blocks.js";
import type { LogPosition } from "./files.js";
import type { PlacedLine } from "./reader.js";
import { wholeCharacters } from "./utf8-edges.js";

export interface SearchResult {
  /** Newest first. */
  hits: PlacedLine[];
  /** Where to continue with older lines. Undefined if all was searched. */
  before: LogPosition | undefined;
  /** How much was searched, bytes. */
  searchedBytes: number;
}

export interface SearchOptions {
  /** Ends the search after so many hits. */
  maxHits: number;
  /** How much may be searched, bytes, by whole blocks. */
  maxBytes: number;
  /** Only such lines are hits. */
  filter?: (text: string) => boolean;
  /** Ends the search before the next block; it then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Finds the newest lines before `from` (undefined: the end) that contain `needle`, in the log at `path` and its older
 * files. Ignores case if `needle` is ASCII, else it is case-sensitive. Each block is read and searched once, whatever it
 * contains, and only lines that contain the needle are decoded; other work of the process gets its turn between blocks.
 */
export async function searchBackwards(
  path: string,
  needle: string,
  from: LogPosition | undefined,
  { maxHits, maxBytes, filter = () => true, signal }: SearchOptions,
): Promise<SearchResult> {
  const hits: PlacedLine[] = [];
  let searchedBytes = 0;
  if (needle === "" || needle.includes("\n")) return { hits, before: undefined, searchedBytes };
  const pattern = patternOf(needle);
  const overlap = Buffer.byteLength(needle) - 1;

  for await (const { file, key, end } of filesBackwards(path, from)) {
    let position = end;
    while (position > 0) {
      signal?.throwIfAborted();
      if (searchedBytes >= maxBytes) return { hits, before: { file: key, offset: position }, searchedBytes };
      const start = Math.max(0, position - LOG_BLOCK_BYTES);
      // Blocks overlap, so that a needle across their border is found in the block in which it begins.
      const block = await readAt(file, start, Math.min(position + overlap, end) - start);
      searchedBytes += position - start;
      position = start;
      for (const found of matchingLines(pattern, block, start === 0).reverse()) {
        const line = found.isWhole
          ? { text: block.toString("utf8", found.from, found.to), at: { file: key, offset: start + found.from } }
          : await lineAround(file, key, start + found.at);
        // The beginning of this line, in the block before, is searched with it.
        position = Math.min(position, line.at.offset);
        if (!filter(line.text)) continue;
        hits.push(line);
        if (hits.length < maxHits) continue;
        return { hits, before: line.at, searchedBytes };
      }
    }
  }
  return { hits, before: undefined, searchedBytes };
}

interface MatchingLine {
  /** Offset of the first match in the line; like the others, in bytes of the block. */
  at: number;
  from: number;
  to: number;
  /** False if the line begins before the block, or ends behind it. */
  isWhole: boolean;
}

/** The lines with a match, in the order of the block, each once. */
function matchingLines(pattern: RegExp, block: Buffer, isFirst: boolean): MatchingLine[] {
  const text = block.toString("latin1");
  const lines: MatchingLine[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const at = match.index;
    const from = at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1;
    const to = text.indexOf("\n", at);
    lines.push({ at, from, to, isWhole: to !== -1 && (from > 0 || isFirst) });
    if (to === -1) break;
    pattern.lastIndex = to + 1;
  }
  return lines;
}

/** Latin-1 has one character per byte, so offsets are those of the bytes; `i` then folds ASCII letters only. */
function patternOf(needle: string): RegExp {
  const isAscii = /^[\x20-\x7e]+$/.test(needle);
  const bytes = Buffer.from(needle).toString("latin1");
  return new RegExp(bytes.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"), isAscii ? "gi" : "g");
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
