import { open, type FileHandle } from "node:fs/promises";
import { fileKey, LOG_KEEP, logFile, type LogPosition } from "./files.js";
import { characterStart } from "./utf8-edges.js";

export const LOG_BLOCK_BYTES = 64 * 1024;
/** Longer lines are passed on in pieces: other programs' output may be a gigabyte without a newline. */
export const MAX_LINE_BYTES = 1024 * 1024;
export const NEWLINE = 0x0a;

/** One file of the log, open for reading. */
export interface OpenLog {
  file: FileHandle;
  key: string;
}

export interface RawLine {
  start: number;
  /** Without the newline. */
  bytes: Buffer;
}

/**
 * The files of the log from the one of `from` (undefined: the current one) to the oldest, each with the offset to read
 * backwards from. A file is closed when the next is requested. Yields nothing if the file of `from` no longer exists. A
 * rotation in the meantime neither skips nor repeats a file.
 */
export async function* filesBackwards(
  path: string,
  from: LogPosition | undefined,
): AsyncGenerator<OpenLog & { end: number }> {
  const seen = new Set<string>();
  let begun = from === undefined;
  for (let age = 0; age <= LOG_KEEP; age++) {
    const file = await openIfThere(logFile(path, age));
    if (!file) continue;
    try {
      const stats = await file.stat({ bigint: true });
      const key = fileKey(stats);
      const size = Number(stats.size);
      const isFirst = !begun && key === from?.file;
      if (seen.has(key) || (!begun && !isFirst)) continue;
      seen.add(key);
      begun = true;
      const end = isFirst ? (from?.offset ?? size) : size;
      // A file that was truncated since has lost what stood before the offset; what it holds now came later.
      if (end <= size) yield { file, key, end };
    } finally {
      await file.close();
    }
  }
}

/**
 * Visits the lines that end at or before `end`, newest first, until `visit` returns false; resolves to true if it reached
 * the beginning of the file. The first line is the text after the last newline before `end`, which is empty if a line
 * begins at `end`. No UTF-8 character is cut.
 */
export async function visitLinesBackwards(
  file: FileHandle,
  end: number,
  visit: (line: RawLine) => boolean,
): Promise<boolean> {
  let rest: Buffer[] = [];
  let position = end;
  while (position > 0) {
    const start = Math.max(0, position - LOG_BLOCK_BYTES);
    const block = await readAt(file, start, position - start);
    let pieceEnd = block.length;
    for (let at = lastNewline(block, pieceEnd); at !== -1; at = lastNewline(block, at)) {
      if (!visit({ start: start + at + 1, bytes: joined(block.subarray(at + 1, pieceEnd), rest) })) return false;
      rest = [];
      pieceEnd = at;
    }
    rest.unshift(block.subarray(0, pieceEnd));
    if (start > 0 && rest.length * LOG_BLOCK_BYTES > MAX_LINE_BYTES) {
      const whole = joined(rest[0]!, rest.slice(1));
      // At least one byte is kept, so that the rest of this line is not taken for an empty line.
      const cut = characterStart(whole, 1);
      if (!visit({ start: start + cut, bytes: whole.subarray(cut) })) return false;
      rest = [whole.subarray(0, cut)];
    }
    position = start;
  }
  const [first, ...others] = rest;
  return first === undefined || visit({ start: 0, bytes: joined(first, others) });
}

/** Reads `length` bytes from `start`; fewer only at the end of the file. */
export async function readAt(file: FileHandle, start: number, length: number): Promise<Buffer> {
  const block = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(block, filled, length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return block.subarray(0, filled);
}

export async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function lastNewline(block: Buffer, before: number): number {
  return before === 0 ? -1 : block.lastIndexOf(NEWLINE, before - 1);
}

function joined(head: Buffer, rest: Buffer[]): Buffer {
  return rest.length === 0 ? head : Buffer.concat([head, ...rest]);
}
