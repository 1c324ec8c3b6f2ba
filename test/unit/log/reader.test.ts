import { closeSync, mkdtempSync, openSync, renameSync, rmSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LogPosition } from "../../../src/log/files.js";
import { formatLogLine, isBreadcrumbLine } from "../../../src/log/line.js";
import { readLastLines, readLinesBefore, type LogPage } from "../../../src/log/reader.js";

let dir: string;
let path: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "lockstep-log-"));
  path = join(dir, "serve.log");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const BLOCK = 64 * 1024;
const texts = (page: LogPage): string[] => page.lines.map((line) => line.text);
const write = (file: string, lines: string[]): void => writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
const numbered = (from: number, to: number, more = ""): string[] =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i}${more}`);

/** A log whose last 200 lines are at the end of a gigabyte that takes no room on disk. */
function writeGigabyte(): void {
  const fd = openSync(path, "w");
  writeSync(fd, "\n", 2 ** 30);
  writeSync(fd, numbered(0, 400, " of some ordinary length").join("\n") + "\n", 2 ** 30 + 1);
  closeSync(fd);
}

describe("the last lines", () => {
  it("a missing log has no lines", async () => {
    const page = await readLastLines(path, 10);
    expect(page).toEqual({ lines: [], before: undefined, end: undefined, unfinished: "", truncated: false });
  });

  it("a short log is read whole", async () => {
    write(path, ["a", "", "c"]);
    const page = await readLastLines(path, 10);
    expect(texts(page)).toEqual(["a", "", "c"]);
    expect(page.lines.map((line) => line.at.offset)).toEqual([0, 2, 3]);
    expect(page.before).toBeUndefined();
    expect(page.end?.offset).toBe(5);
  });

  it.each([0, 1, 2, 3])("lines are whole if a block ends inside a character (%i bytes off)", async (shift) => {
    const lines = numbered(0, 3000, ` ${"🙂日é".repeat(12)}`);
    writeFileSync(path, lines.map((line) => `${line}\n`).join("") + "z".repeat(shift));
    const page = await readLastLines(path, 2500);
    expect(texts(page)).toEqual(lines.slice(-2500));
    expect(page.unfinished).toBe("z".repeat(shift));
  });

  it("lines are whole if a block begins or ends with a newline", async () => {
    for (const length of [BLOCK - 2, BLOCK - 1, BLOCK, BLOCK + 1]) {
      const lines = ["first", "x".repeat(length - 1), "", "y".repeat(BLOCK - 1), "last"];
      write(path, lines);
      expect(texts(await readLastLines(path, 9))).toEqual(lines);
    }
  });

  it("the last lines of a gigabyte take two blocks", async () => {
    writeGigabyte();
    const page = await readLastLines(path, 200, { maxBytes: 2 * BLOCK });
    expect(texts(page)).toEqual(numbered(200, 400, " of some ordinary length"));
    expect(page.truncated).toBe(false);
  });

  it("older lines come from the rotated files", async () => {
    write(`${path}.3`, numbered(0, 10));
    write(`${path}.2`, numbered(10, 20));
    write(`${path}.1`, numbered(20, 30));
    write(path, numbered(30, 40));
    expect(texts(await readLastLines(path, 25))).toEqual(numbered(15, 40));
    expect(texts(await readLastLines(path, 100))).toEqual(numbered(0, 40));
  });

  it("lines are found during a rotation, while the current file is missing", async () => {
    write(`${path}.1`, numbered(0, 10));
    expect(texts(await readLastLines(path, 3))).toEqual(numbered(7, 10));
  });

  it("lines include one that a crash left incomplete in a rotated file", async () => {
    writeFileSync(`${path}.1`, "a\nno newline");
    write(path, ["b"]);
    expect(texts(await readLastLines(path, 5))).toEqual(["a", "no newline", "b"]);
  });

  it("an incomplete line is returned apart, without an incomplete character", async () => {
    writeFileSync(path, Buffer.from("a\nb 日本").subarray(0, -1));
    const page = await readLastLines(path, 5);
    expect(texts(page)).toEqual(["a"]);
    expect(page.unfinished).toBe("b 日");
    expect(page.end?.offset).toBe(2);
  });

  it("reading no lines returns the end of the log", async () => {
    write(path, ["a", "b"]);
    const page = await readLastLines(path, 0);
    expect(page).toMatchObject({ lines: [], end: { offset: 4 }, before: { offset: 4 }, truncated: false });
  });

  it("megabytes without a newline come in bounded pieces of whole characters", async () => {
    const monster = "日".repeat(1_200_000);
    writeFileSync(path, `a\n${monster}\nb\n`);
    const all = texts(await readLastLines(path, 100));
    expect([all[0], all.at(-1)]).toEqual(["a", "b"]);
    expect(all.slice(1, -1).join("") === monster).toBe(true);
    expect(all.every((line) => Buffer.byteLength(line) < 1.2 * 1024 * 1024)).toBe(true);
  });
});

describe("breadcrumbs", () => {
  const event = formatLogLine(new Date(), "event", "daemon", "ready (pid 1, version 0.1.0)");
  const other = formatLogLine(new Date(), "info", "memory", "x".repeat(100));

  it("breadcrumbs are found among other lines, in all files", async () => {
    write(`${path}.1`, [event, ...Array<string>(2000).fill(other)]);
    write(path, [other, "daemon: ready (pid 5)", other]);
    const page = await readLastLines(path, 10, { filter: isBreadcrumbLine });
    expect(texts(page)).toEqual([event, "daemon: ready (pid 5)"]);
    expect(page.truncated).toBe(false);
  });

  it("a filtered page keeps to its budget, and says where to continue", async () => {
    write(path, [event, ...Array<string>(5000).fill(other), event, other]);
    const first = await readLastLines(path, 10, { filter: isBreadcrumbLine, maxBytes: 2 * BLOCK });
    expect(texts(first)).toEqual([event]);
    expect(first.truncated).toBe(true);
    const rest = await readLinesBefore(path, first.before, 10, { filter: isBreadcrumbLine });
    expect(texts(rest)).toEqual([event]);
    expect(rest).toMatchObject({ truncated: false, before: undefined });
  });
});

describe("paging backwards", () => {
  async function allPages(n: number, between: () => void = () => {}): Promise<string[]> {
    const lines: string[] = [];
    let from: LogPosition | undefined;
    do {
      const page = await readLinesBefore(path, from, n);
      lines.unshift(...texts(page));
      from = page.before;
      between();
    } while (from);
    return lines;
  }

  it.each([1, 7, 1000])("pages of %i lines show every line once", async (n) => {
    write(`${path}.1`, numbered(0, 150, " 日本"));
    write(path, numbered(150, 300, " 日本"));
    expect(await allPages(n)).toEqual(numbered(0, 300, " 日本"));
  });

  it("paging continues through rotations", async () => {
    write(`${path}.1`, numbered(0, 50));
    write(path, numbered(50, 100));
    let rotations = 0;
    const lines = await allPages(20, () => {
      if (++rotations > 2) return;
      for (const age of [2, 1]) renameIfThere(`${path}.${age}`, `${path}.${age + 1}`);
      renameSync(path, `${path}.1`);
      write(path, ["newer"]);
    });
    expect(lines).toEqual(numbered(0, 100));
  });

  it("paging ends if its position was rotated away or truncated", async () => {
    write(path, numbered(0, 50));
    const page = await readLastLines(path, 10);
    truncateSync(path, 5);
    expect(await readLinesBefore(path, page.before, 10)).toMatchObject({ lines: [], before: undefined });
    expect(await readLinesBefore(path, { file: "1:1", offset: 9 }, 10)).toMatchObject({ lines: [], before: undefined });
  });

  it("a page that begins inside a line leaves that line out", async () => {
    write(path, ["one", "two", "three"]);
    const { end } = await readLastLines(path, 0);
    expect(texts(await readLinesBefore(path, { file: end!.file, offset: 6 }, 5))).toEqual(["one"]);
  });

  it("an aborted read stops", async () => {
    write(path, numbered(0, 10));
    const signal = AbortSignal.abort(new Error("window closed"));
    await expect(readLastLines(path, 5, { signal })).rejects.toThrow("window closed");
  });
});

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    // Not rotated that far yet.
  }
}
