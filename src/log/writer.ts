import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  writeSync,
  type BigIntStats,
} from "node:fs";
import { BREADCRUMB_COMPONENT, breadcrumbText, type Breadcrumb } from "./breadcrumbs.js";
import { fileKey, LOG_KEEP, logFile } from "./files.js";
import { formatLogLine, type LogLevel } from "./line.js";

export interface LogWriter {
  /** Appends in one write, so that lines of several processes never interleave. Never throws. */
  write(level: LogLevel, component: string, text: string): void;
  event(breadcrumb: Breadcrumb): void;
  /**
   * Looks at the file on disk, since others append to it as well, and rotates when it is full, or opens the path anew
   * when the file there is no longer ours. For the daemon's timer; `write` itself looks after each 64 KiB.
   */
  rotateIfNeeded(): void;
  /** Further writes do nothing. */
  close(): void;
}

export interface LogWriterOptions {
  /** From what size on the file is rotated, bytes. Default 5 MiB. */
  maxBytes?: number;
  /** Called with the new file's descriptor while the old one is still open: for what else points to the old file. */
  reopened?: (fd: number) => void;
}

/**
 * Opens `path` (made 0600 when it is not there) for appending. A disk that is full, read-only or gone never throws:
 * lines that could not be written are counted, and a breadcrumb says so once writing works again.
 */
export function openLog(path: string, options: LogWriterOptions = {}): LogWriter {
  return new FileLog(path, options.maxBytes ?? 5 * 1024 * 1024, options.reopened ?? (() => {}));
}

const LOOK_EVERY_BYTES = 64 * 1024;

class FileLog implements LogWriter {
  #fd: number | undefined;
  #key = "";
  #closed = false;
  #sinceLook = 0;
  #lost = { count: 0, error: "" };
  /** The file ends inside a line, after a cut-off write or somebody's crash: the next write begins with a newline. */
  #torn = false;
  #saidCannotRotate = false;

  constructor(
    private readonly path: string,
    private readonly maxBytes: number,
    private readonly reopened: (fd: number) => void,
  ) {
    try {
      this.#open();
    } catch {
      // The first write tries again, and counts what it cannot write.
    }
  }

  write(level: LogLevel, component: string, text: string): void {
    if (this.#closed) return;
    this.#append(`${formatLogLine(new Date(), level, component, text)}\n`);
    if (this.#sinceLook >= LOOK_EVERY_BYTES) this.#look();
  }

  event(breadcrumb: Breadcrumb): void {
    this.write("event", BREADCRUMB_COMPONENT, breadcrumbText(breadcrumb));
  }

  rotateIfNeeded(): void {
    if (this.#closed) return;
    this.#look();
    if (this.#lost.count > 0) this.#append("");
  }

  close(): void {
    if (this.#closed) return;
    if (this.#lost.count > 0) this.#append("");
    this.#closed = true;
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #append(lines: string): void {
    let written = 0;
    let debtBytes = 0;
    let bytes = Buffer.from(lines);
    try {
      const fd = this.#fd ?? this.#open();
      const debt = (this.#torn ? "\n" : "") + this.#lostLine();
      debtBytes = Buffer.byteLength(debt);
      if (debt !== "") bytes = Buffer.from(debt + lines);
      // One write, but on a disk that is about to be full: the second attempt then tells why.
      while (written < bytes.length) written += writeSync(fd, bytes, written);
    } catch (error) {
      this.#lost.error = error instanceof Error ? error.message : String(error);
    }
    this.#sinceLook += written;
    if (written > 0) this.#torn = bytes[written - 1] !== NEWLINE;
    if (debtBytes > 0 && written >= debtBytes) this.#lost.count = 0;
    this.#lost.count += countLines(bytes.subarray(Math.max(written, debtBytes)));
  }

  #lostLine(): string {
    if (this.#lost.count === 0) return "";
    const text = breadcrumbText({ kind: "lines-lost", ...this.#lost });
    return `${formatLogLine(new Date(), "event", BREADCRUMB_COMPONENT, text)}\n`;
  }

  #look(): void {
    this.#sinceLook = 0;
    try {
      const there = statSync(this.path, { bigint: true, throwIfNoEntry: false });
      if (this.#fd === undefined || !there || fileKey(there) !== this.#key) this.#reopen();
      else if (there.isFile() && there.size >= this.maxBytes) this.#rotate();
    } catch (error) {
      this.#complain(error);
    }
  }

  #rotate(): void {
    for (let age = LOG_KEEP - 1; age >= 0; age--) renameIfThere(logFile(this.path, age), logFile(this.path, age + 1));
    this.#reopen();
  }

  /** The old file stays ours until the new one is open: with no descriptor left, lines go to `.1` rather than nowhere. */
  #reopen(): void {
    const old = this.#fd;
    const fd = this.#open();
    try {
      this.reopened(fd);
    } finally {
      if (old !== undefined) closeSync(old);
    }
  }

  #open(): number {
    const fd = openSync(this.path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o600);
    const stats = fstatSync(fd, { bigint: true });
    this.#fd = fd;
    this.#key = fileKey(stats);
    this.#saidCannotRotate = false;
    this.#torn = stats.isFile() && takeOver(this.path, fd, stats);
    return fd;
  }

  #complain(error: unknown): void {
    if (this.#saidCannotRotate) return;
    this.#saidCannotRotate = true;
    this.#append(
      `${formatLogLine(new Date(), "warn", BREADCRUMB_COMPONENT, `cannot rotate the log: ${String(error)}`)}\n`,
    );
  }
}

const NEWLINE = 0x0a;

/** Makes an existing log private and tells whether it ends inside a line. Best effort: a log that is there is used. */
function takeOver(path: string, fd: number, stats: BigIntStats): boolean {
  try {
    if ((Number(stats.mode) & 0o077) !== 0) fchmodSync(fd, 0o600);
    if (stats.size === 0n) return false;
    const reader = openSync(path, constants.O_RDONLY);
    try {
      const last = Buffer.alloc(1);
      return readSync(reader, last, 0, 1, stats.size - 1n) === 1 && last[0] !== NEWLINE;
    } finally {
      closeSync(reader);
    }
  } catch {
    return false;
  }
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
