import { filesBackwards, visitLinesBackwards } from "./blocks.js";
import type { LogPosition } from "./files.js";
import { wholeCharacters } from "./utf8-edges.js";

export interface PlacedLine {
  text: string;
  /** The beginning of the line. */
  at: LogPosition;
}

export interface LogPage {
  /** Oldest first. */
  lines: PlacedLine[];
  /** Where to continue with older lines; undefined if the beginning of the oldest file was reached. */
  before: LogPosition | undefined;
  /** The end of the newest line read, where `followLog` continues without a gap. Undefined if there is no log. */
  end: LogPosition | undefined;
  /** The text after the last newline: a line that is still being written, or that a crash left incomplete. */
  unfinished: string;
  /** True if the byte budget was spent before `n` lines were found; continue at `before`. */
  truncated: boolean;
}

export interface ReadOptions {
  /** Only such lines are counted and returned. */
  filter?: (text: string) => boolean;
  /** How much may be read, bytes. Default 32 MiB, more than a full log with its three old files. */
  maxBytes?: number;
  signal?: AbortSignal;
}

/** The last `n` lines of the log at `path` and, if those are not enough, of its older files. */
export function readLastLines(path: string, n: number, options: ReadOptions = {}): Promise<LogPage> {
  return readLinesBefore(path, undefined, n, options);
}

/**
 * The last `n` lines before `from` (undefined: the end of the log), read backwards, so that the size of the log does not
 * matter. A `from` inside a line leaves that line out; a `from` in a file that no longer exists gives no lines, and so
 * does a missing log. Rejects if the log cannot be read.
 */
export async function readLinesBefore(
  path: string,
  from: LogPosition | undefined,
  n: number,
  options: ReadOptions = {},
): Promise<LogPage> {
  const { filter, maxBytes = 32 * 1024 * 1024, signal } = options;
  const page: LogPage = { lines: [], before: undefined, end: undefined, unfinished: "", truncated: false };
  let budget = maxBytes;

  for await (const { file, key, end } of filesBackwards(path, from)) {
    let oldest = end;
    const reachedStart = await visitLinesBackwards(file, end, ({ start, bytes }) => {
      signal?.throwIfAborted();
      if (!page.end) {
        page.end = { file: key, offset: start };
        if (!from) page.unfinished = wholeCharacters(bytes);
      } else if (start < end) {
        if (page.lines.length >= n) return false;
        page.truncated = budget <= 0;
        if (page.truncated) return false;
        const text = bytes.toString("utf8");
        if (!filter || filter(text)) page.lines.push({ text, at: { file: key, offset: start } });
      }
      budget -= oldest - start;
      oldest = start;
      return true;
    });
    page.end ??= { file: key, offset: 0 };
    if (!reachedStart) {
      page.before = { file: key, offset: oldest };
      break;
    }
  }
  page.lines.reverse();
  return page;
}
