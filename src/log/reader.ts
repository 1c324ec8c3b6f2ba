import { filesBackwards, visitLinesBackwards } from "./blocks.js";
import type { LogPosition } from "./files.js";
import { wholeCharacters } from "./utf8-edges.js";

export interface PlacedLine {
  text: string;
  /** Where the line begins. */
  at: LogPosition;
}

export interface LogPage {
  /** Oldest first. */
  lines: PlacedLine[];
  /** Ask for the lines before this one next; undefined when the oldest log's beginning was reached. */
  before: LogPosition | undefined;
  /** Behind the newest line looked at: from here `followLog` goes on without a gap. Undefined when there is no log. */
  end: LogPosition | undefined;
  /** What stands behind the log's last newline: a line that is still being written, or a crash's last words. */
  unfinished: string;
  /** The byte budget was spent before all lines were found that were asked for; go on at `before`. */
  truncated: boolean;
}

export interface ReadOptions {
  /** Count and give only such lines. */
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
 * The last `n` lines before `from` (undefined: the end), reading backwards, so that the log's size does not matter.
 * A `from` inside a line leaves that line out; one whose file is rotated away gives no lines. Rejects when the log
 * cannot be read; no log at all is an empty page.
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
