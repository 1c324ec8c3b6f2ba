import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { followLog, type FollowOptions } from "../../../src/log/follow.js";
import { parseLogLine } from "../../../src/log/line.js";
import { readLastLines } from "../../../src/log/reader.js";
import { openLog } from "../../../src/log/writer.js";

let dir: string;
let path: string;
let followers: Follower[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "lockstep-log-"));
  path = join(dir, "serve.log");
  followers = [];
});
afterEach(async () => {
  await Promise.all(followers.map((follower) => follower.stop()));
  rmSync(dir, { recursive: true, force: true });
});

interface Follower {
  lines: string[];
  notices: string[];
  /** Until more has come. */
  arrival(): Promise<void>;
  /** Until `count` lines have come; more than that is an error at once. */
  until(count: number): Promise<string[]>;
  /** From now on lines are taken only after the returned function was called. */
  hold(): () => void;
  stop(): Promise<void>;
}

function follow(from: FollowOptions["from"], at = path): Follower {
  const abort = new AbortController();
  const lines: string[] = [];
  const notices: string[] = [];
  let arrived = (): void => {};
  let held: Promise<void> | undefined;
  const onLines = async (more: string[]): Promise<void> => {
    await held;
    lines.push(...more);
    arrived();
  };
  const onNotice = (text: string): void => {
    notices.push(text);
    arrived();
  };
  const done = followLog(at, onLines, { from, signal: abort.signal, onNotice });
  const ended = async (): Promise<void> => {
    await done;
    throw new Error(`following ended after ${lines.length} lines`);
  };
  const follower: Follower = {
    lines,
    notices,
    arrival: () => Promise.race([ended(), new Promise<void>((resolve) => (arrived = resolve))]),
    until: async (count) => {
      while (lines.length < count) await follower.arrival();
      expect(lines).toHaveLength(count);
      return lines;
    },
    hold: () => {
      let letGo = (): void => {};
      held = new Promise((resolve) => (letGo = resolve));
      return letGo;
    },
    stop: async () => {
      abort.abort();
      await done;
    },
  };
  followers.push(follower);
  return follower;
}

const append = (text: string): void => appendFileSync(path, text);
const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i}`);

/** Turns enough for a follower to find that there is nothing more, so that only its waking can help the next line. */
async function atRest(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await nextTurn();
}

function rotate(): void {
  for (const age of [2, 1]) if (existsSync(`${path}.${age}`)) renameSync(`${path}.${age}`, `${path}.${age + 1}`);
  renameSync(path, `${path}.1`);
}

describe("following", () => {
  it("following from the start gives the existing lines and then new ones", async () => {
    append("old\n");
    const all = follow("start");
    await all.until(1);
    append("new\n");
    expect(await all.until(2)).toEqual(["old", "new"]);
  });

  it("following from the end gives only new lines, and an incomplete one as a whole", async () => {
    append("old\nhalf");
    const end = follow("end");
    const all = follow("start");
    await all.until(1);
    append(" and half\nnew\n");
    await all.until(3);
    expect(await end.until(2)).toEqual(["half and half", "new"]);
  });

  it("a line is given once its newline is there, with whole characters", async () => {
    const bytes = Buffer.from("日本🙂\nnext\n");
    const all = follow("start");
    append("first\n");
    await all.until(1);
    for (const byte of bytes) {
      appendFileSync(path, Buffer.of(byte));
      await nextTurn();
    }
    expect(await all.until(3)).toEqual(["first", "日本🙂", "next"]);
  });

  it("following waits for a log that does not exist yet", async () => {
    const all = follow("end");
    append("first\n");
    expect(await all.until(1)).toEqual(["first"]);
    expect(all.notices).toEqual([]);
  });

  it("following continues at the end of a page without a gap, even after a rotation", async () => {
    append("a\nb\nunfini");
    const page = await readLastLines(path, 10);
    append("shed\nc\n");
    rotate();
    append("d\n");
    const rest = follow(page.end!);
    expect(await rest.until(3)).toEqual(["unfinished", "c", "d"]);
  });

  it("a slow reader loses nothing in rotations", async () => {
    append("line 0\n");
    const all = follow("start");
    await all.until(1);
    const letGo = all.hold();
    append("line 1\n");
    for (let i = 2; i < 5; i++) {
      rotate();
      append(`line ${i}\n`);
    }
    letGo();
    expect(await all.until(5)).toEqual(numbered(0, 5));
    expect(all.notices).toEqual([]);
  });

  it("a reader is notified if the log was rotated faster than it read", async () => {
    append("line 0\n");
    const all = follow("start");
    await all.until(1);
    const letGo = all.hold();
    append("line 1\n");
    for (let i = 2; i < 8; i++) {
      rotate();
      append(`line ${i}\n`);
    }
    letGo();
    const rest = await all.until(6);
    expect(rest).toEqual([...numbered(0, 2), ...numbered(4, 8)]);
    expect(all.notices).toEqual(["the log was rotated faster than it was read: lines may be missing here"]);
  });

  it("every line of a busy, rotating log is given exactly once", async () => {
    const log = openLog(path, { maxBytes: 128 * 1024 });
    const all = follow("start");
    const expected: string[] = [];
    for (let i = 0; i < 6000; i++) {
      const text = `line ${i} ${"é🙂".repeat(i % 30)}`;
      expected.push(text);
      log.write("info", "memory", text);
      // Let the follower come along: three old files are all that it may fall behind.
      if (i % 500 === 499) await all.until(i + 1);
      else if (i % 50 === 0) await nextTurn();
    }
    log.close();
    expect(existsSync(`${path}.3`)).toBe(true);
    expect((await all.until(6000)).map((line) => parseLogLine(line)?.text)).toEqual(expected);
  });

  it("the incomplete last line of a rotated file is given", async () => {
    const all = follow("start");
    append("a\nlast words");
    await all.until(1);
    rotate();
    append("b\n");
    expect(await all.until(3)).toEqual(["a", "last words", "b"]);
  });

  it("following continues after the log was truncated, or deleted and created again", async () => {
    append("a fairly long line\n");
    const all = follow("start");
    await all.until(1);
    truncateSync(path);
    append("b\n");
    await all.until(2);
    rmSync(path);
    append("c\n");
    await all.until(3);
    writeFileSync(`${path}.tmp`, "d\n");
    renameSync(`${path}.tmp`, path);
    expect(await all.until(4)).toEqual(["a fairly long line", "b", "c", "d"]);
  });

  it("old files are not repeated after the log was deleted", async () => {
    writeFileSync(`${path}.1`, "older\n");
    append("a\n");
    const all = follow("start");
    await all.until(1);
    append("b\n");
    await all.until(2);
    rmSync(path);
    append("c\n");
    expect(await all.until(3)).toEqual(["a", "b", "c"]);
  });

  it("following continues after the whole directory was created again", async () => {
    append("a\n");
    const all = follow("start");
    await all.until(1);
    rmSync(dir, { recursive: true });
    mkdirSync(dir);
    await atRest();
    append("b\n");
    await all.until(2);
    append("c\n");
    expect(await all.until(3)).toEqual(["a", "b", "c"]);
  });

  it("following polls if it cannot watch, and reports why", async () => {
    const later = join(dir, "later");
    const all = follow("start", join(later, "serve.log"));
    mkdirSync(later);
    writeFileSync(join(later, "serve.log"), "a\n");
    expect(await all.until(1)).toEqual(["a"]);
    await atRest();
    appendFileSync(join(later, "serve.log"), "b\n");
    expect(await all.until(2)).toEqual(["a", "b"]);
    expect(all.notices).toEqual([
      expect.stringMatching(/^cannot watch .*later \(.*ENOENT.*\): checking every 250 ms instead$/),
    ]);
  });

  it("a line without an end is given in bounded pieces of whole characters", async () => {
    const all = follow("start");
    const monster = "日".repeat(1_000_000);
    append(`${monster}\nend\n`);
    while (all.lines.at(-1) !== "end") await all.arrival();
    expect(all.lines.length).toBeGreaterThan(2);
    expect(all.lines.slice(0, -1).join("") === monster).toBe(true);
  });

  it("following ends when aborted, and rejects if its reader throws", async () => {
    append("a\n");
    const fail = (): never => {
      throw new Error("stdout is gone");
    };
    const { signal } = new AbortController();
    await expect(followLog(path, fail, { from: "start", signal })).rejects.toThrow("stdout is gone");
    await expect(followLog(path, fail, { from: "start", signal: AbortSignal.abort() })).resolves.toBeUndefined();
  });

  it.skipIf(!existsSync("/proc/self/fd"))("leaves no file open behind", async () => {
    append("a\n");
    const all = follow("start");
    await all.until(1);
    rotate();
    append("b\n");
    await all.until(2);
    await all.stop();
    expect(openIn(dir)).toEqual([]);
  });
});

function openIn(directory: string): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith(directory) ? [target] : [];
    } catch {
      return [];
    }
  });
}
