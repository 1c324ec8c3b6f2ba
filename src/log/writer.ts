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
  /** Appends in one write, so that lines of several processes do not interleave. Never throws. */
  write(level: LogLevel, component: string, text: string): void;
  event(breadcrumb: Breadcrumb): void;
  /**
   * Rotates the file if it is full, which it may be by other processes' output, and reopens the path if the file there was
   * replaced. For the daemon's heartbeat; `write` checks after every 64 KiB.
   */
  rotateIfNeeded(): void;
  /** Further writes do nothing. */
  close(): void;
}

export interface LogWriterOptions {
  /** The size at which the file is rotated, bytes. Default 5 MiB. */
  maxBytes?: number;
  /** Receives the new file's descriptor while the old one is still open, to redirect other descriptors of the old. */
  reopened?: (fd: number) => void;
}

/**
 * Opens `path` for appending, and creates it (0600) if it is missing. Never throws, whatever happens to the disk: lines
 * that could not be written are counted, and reported in a breadcrumb once writing works again.
 */
export function openLog(path: string, options: LogWriterOptions = {}): LogWriter {
  return new FileLog(path, options.maxBytes ?? 5 * 1024 * 1024, options.reopened ?? (() => {}));
}

const CHECK_EVERY_BYTES = 64 * 1024;

class FileLog implements LogWriter {
  #fd: number | undefined;
  #key = "";
  #closed = false;
  #sinceCheck = 0;
  #lost = { count: 0, error: "" };
  /** The file ends inside a line, after an incomplete write or a crash, so the next write begins with a newline. */
  #torn = false;
  #reportedRotation = false;

  constructor(
    private readonly path: string,
    private readonly maxBytes: number,
    private readonly reopened: (fd: number) => void,
  ) {
    try {
      this.#open();
    } catch {
      // The first write tries again.
    }
  }

  write(level: LogLevel, component: string, text: string): void {
    if (this.#closed) return;
    this.#append(`${formatLogLine(new Date(), level, component, text)}\n`);
    if (this.#sinceCheck >= CHECK_EVERY_BYTES) this.#check();
  }

  event(breadcrumb: Breadcrumb): void {
    this.write("event", BREADCRUMB_COMPONENT, breadcrumbText(breadcrumb));
  }

  rotateIfNeeded(): void {
    if (this.#closed) return;
    this.#check();
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
      // One write, except on a disk that has just become full, where the second attempt gives the reason.
      while (written < bytes.length) written += writeSync(fd, bytes, written);
    } catch (error) {
      this.#lost.error = error instanceof Error ? error.message : String(error);
    }
    this.#sinceCheck += written;
    if (written > 0) this.#torn = bytes[written - 1] !== NEWLINE;
    if (debtBytes > 0 && written >= debtBytes) this.#lost.count = 0;
    this.#lost.count += countLines(bytes.subarray(Math.max(written, debtBytes)));
  }

  #lostLine(): string {
    if (this.#lost.count === 0) return "";
    const text = breadcrumbText({ kind: "lines-lost", ...this.#lost });
    return `${formatLogLine(new Date(), "event", BREADCRUMB_COMPONENT, text)}\n`;
  }

  #check(): void {
    this.#sinceCheck = 0;
    try {
      const there = statSync(this.path, { bigint: true, throwIfNoEntry: false });
      if (this.#fd === undefined || !there || fileKey(there) !== this.#key) this.#reopen();
      else if (there.isFile() && there.size >= this.maxBytes) this.#rotate();
    } catch (error) {
      this.#reportRotation(error);
    }
  }

  #rotate(): void {
    for (let age = LOG_KEEP - 1; age >= 0; age--) renameIfThere(logFile(this.path, age), logFile(this.path, age + 1));
    this.#reopen();
  }

  /** The old file stays open until the new one is: without a free descriptor, lines go to `.1` instead of being lost. */
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
    this.#reportedRotation = false;
    this.#torn = stats.isFile() && adopt(this.path, fd, stats);
    return fd;
  }

  #reportRotation(error: unknown): void {
    if (this.#reportedRotation) return;
    this.#reportedRotation = true;
    this.#append(
      `${formatLogLine(new Date(), "warn", BREADCRUMB_COMPONENT, `cannot rotate the log: ${String(error)}`)}\n`,
    );
  }
}

const NEWLINE = 0x0a;

/** Makes an existing log private. True if it ends inside a line; false also if that cannot be found out. */
function adopt(path: string, fd: number, stats: BigIntStats): boolean {
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
