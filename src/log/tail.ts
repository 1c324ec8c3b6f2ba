import { statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { LineAssembler } from "./line-assembler.js";
import { LOG_BLOCK_BYTES, openIfThere, visitLinesBackwards, type OpenLog } from "./blocks.js";
import { fileKey, LOG_KEEP, logFile, type LogPosition } from "./files.js";

export type OnLines = (lines: string[]) => void | Promise<void>;

/**
 * Reads a growing log: each `read` passes on the whole lines added since the last one, in order and exactly once, through
 * rotation, truncation, deletion and re-creation.
 */
export class LogTail {
  #offset = 0;
  readonly #lines = new LineAssembler();
  readonly #chunk = Buffer.allocUnsafe(LOG_BLOCK_BYTES);

  private constructor(
    private readonly path: string,
    private log: OpenLog | undefined,
    private readonly onNotice: (text: string) => void,
  ) {}

  /** Begins at a position that a page returned, at the start of the current file, or after its last newline. */
  static async open(
    path: string,
    from: LogPosition | "start" | "end",
    onNotice: (text: string) => void,
  ): Promise<LogTail> {
    // Before anything is awaited, so that a line that is added while the file is opened counts as new.
    const position = from === "end" ? endOf(path) : from;
    if (position === "start") return new LogTail(path, await openKeyed(path), onNotice);
    const log = await openByKey(path, position.file);
    const tail = new LogTail(path, log, onNotice);
    if (log?.key === position.file) {
      tail.#offset = from === "end" ? await lineStartBefore(log, position.offset) : position.offset;
    }
    return tail;
  }

  /** Stops early, between two batches, when `signal` aborts. */
  async read(onLines: OnLines, signal: AbortSignal): Promise<void> {
    this.log ??= await openKeyed(this.path);
    while (this.log && !signal.aborted) {
      await this.#drain(this.log, onLines, signal);
      const newer = await this.#openNewer(this.log);
      if (!newer) return;
      try {
        // Lines between the last read and the rotation. After a rotation the old file is not written any more.
        await this.#drain(this.log, onLines, signal);
        if (!signal.aborted) await passOn(this.#lines.flush(), onLines);
      } finally {
        await this.log.file.close();
        this.log = newer;
        this.#offset = 0;
      }
    }
  }

  async close(): Promise<void> {
    await this.log?.file.close();
    this.log = undefined;
  }

  async #drain({ file }: OpenLog, onLines: OnLines, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { bytesRead } = await file.read(this.#chunk, 0, LOG_BLOCK_BYTES, this.#offset);
      if (bytesRead > 0) {
        this.#offset += bytesRead;
        await passOn(this.#lines.push(this.#chunk.subarray(0, bytesRead)), onLines);
        continue;
      }
      if ((await file.stat()).size >= this.#offset) return;
      // Truncated in place, so everything in the file is new.
      this.#offset = 0;
      await passOn(this.#lines.flush(), onLines);
    }
  }

  /** The file directly after the one being read; undefined while that is the newest, or if there is none yet. */
  async #openNewer(own: OpenLog): Promise<OpenLog | undefined> {
    if ((await seenFile(this.path))?.key === own.key) return undefined;
    for (let attempt = 0; attempt < 10; attempt++) {
      const before = await filesByAge(this.path);
      const ownAge = before.findIndex((file) => file?.key === own.key);
      if (ownAge === 0) return undefined;
      const age = ownAge > 0 ? ownAge - 1 : await oldestAfter(own, before);
      const wanted = before[age];
      if (!wanted) return undefined;
      const newer = await openKeyed(logFile(this.path, age));
      // A rotation in the meantime would make us skip a file, so the order is checked again.
      const same = sameFiles(before, await filesByAge(this.path));
      if (newer && same && newer.key === wanted.key) {
        if (age === LOG_KEEP) this.onNotice("the log was rotated faster than it was read: lines may be missing here");
        return newer;
      }
      await newer?.file.close();
    }
    return undefined;
  }
}

function endOf(path: string): LogPosition | "start" {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats ? { file: fileKey(stats), offset: Number(stats.size) } : "start";
}

interface SeenFile {
  key: string;
  mtimeNs: bigint;
}

async function seenFile(path: string): Promise<SeenFile | undefined> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  return stats && { key: fileKey(stats), mtimeNs: stats.mtimeNs };
}

async function filesByAge(path: string): Promise<(SeenFile | undefined)[]> {
  const files: (SeenFile | undefined)[] = [];
  for (let age = 0; age <= LOG_KEEP; age++) files.push(await seenFile(logFile(path, age)));
  return files;
}

/** For a file that was deleted or rotated away in the meantime: the age of the oldest file written after it. */
async function oldestAfter(own: OpenLog, files: (SeenFile | undefined)[]): Promise<number> {
  const { mtimeNs } = await own.file.stat({ bigint: true });
  const age = files.findLastIndex((file) => file && file.mtimeNs >= mtimeNs);
  return Math.max(age, 0);
}

function sameFiles(a: (SeenFile | undefined)[], b: (SeenFile | undefined)[]): boolean {
  return a.every((file, age) => file?.key === b[age]?.key);
}

async function openKeyed(path: string): Promise<OpenLog | undefined> {
  const file = await openIfThere(path);
  return file && { file, key: fileKey(await file.stat({ bigint: true })) };
}

/** Opens the file with that key under its present name, or the current file if it no longer exists. */
async function openByKey(path: string, key: string): Promise<OpenLog | undefined> {
  for (let age = 0; age <= LOG_KEEP; age++) {
    const log = await openKeyed(logFile(path, age));
    if (log?.key === key) return log;
    await log?.file.close();
  }
  return openKeyed(path);
}

/** The beginning of the line that is incomplete at `end`. */
async function lineStartBefore(log: OpenLog, end: number): Promise<number> {
  let start = 0;
  await visitLinesBackwards(log.file, end, (unfinished) => {
    start = unfinished.start;
    return false;
  });
  return start;
}

async function passOn(lines: string[], onLines: OnLines): Promise<void> {
  if (lines.length > 0) await onLines(lines);
}
