import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseBreadcrumb } from "../../../src/log/breadcrumbs.js";
import { parseLogLine } from "../../../src/log/line.js";
import { openLog } from "../../../src/log/writer.js";

let dir: string;
let path: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "lockstep-log-"));
  path = join(dir, "serve.log");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const lines = (file = path): string[] => readFileSync(file, "utf8").split("\n").slice(0, -1);
const texts = (file = path): string[] => lines(file).map((line) => parseLogLine(line)?.text ?? `foreign: ${line}`);
const mode = (file = path): number => statSync(file).mode & 0o777;

describe("the log", () => {
  it("a log is private, and keeps its lines when it is opened again", () => {
    const first = openLog(path);
    first.write("info", "memory", "one");
    first.close();
    chmodSync(path, 0o644);
    const second = openLog(path);
    second.event({ kind: "ready", pid: 7, version: "0.1.0" });
    second.close();
    expect(mode()).toBe(0o600);
    expect(texts()).toEqual(["one", "ready (pid 7, version 0.1.0)"]);
    expect(parseLogLine(lines()[1]!)).toMatchObject({ level: "event", component: "daemon" });
  });

  it("a new line is begun after the incomplete output of a crash", () => {
    writeFileSync(path, "Segmentation fa");
    const log = openLog(path);
    log.write("info", "daemon", "next");
    log.close();
    expect(texts()).toEqual(["foreign: Segmentation fa", "next"]);
  });

  it("a closed log writes nothing", () => {
    const log = openLog(path);
    log.close();
    log.close();
    log.write("info", "daemon", "too late");
    log.rotateIfNeeded();
    expect(lines()).toEqual([]);
  });
});

describe("rotation", () => {
  it("rotation keeps three old files, and loses no line", () => {
    const log = openLog(path, { maxBytes: 256 * 1024 });
    const written: string[] = [];
    for (let i = 0; i < 7000; i++) {
      written.push(`line ${i} ${"x".repeat(100)}`);
      log.write("info", "memory", written[i]!);
    }
    log.close();
    const files = [3, 2, 1].map((age) => `${path}.${age}`).concat(path);
    expect(existsSync(`${path}.4`)).toBe(false);
    expect(files.map((file) => mode(file))).toEqual([0o600, 0o600, 0o600, 0o600]);
    expect(files.slice(0, 3).every((file) => statSync(file).size < 256 * 1024 + 65 * 1024)).toBe(true);
    const kept = files.flatMap((file) => texts(file));
    expect(kept).toEqual(written.slice(-kept.length));
  });

  it("other processes' output counts towards the size", () => {
    const log = openLog(path, { maxBytes: 1000 });
    log.write("info", "daemon", "ours");
    appendFileSync(path, "a child's stderr! ".repeat(100) + "\n");
    log.rotateIfNeeded();
    log.write("info", "daemon", "after");
    log.close();
    expect(texts()).toEqual(["after"]);
    expect(texts(`${path}.1`)[0]).toBe("ours");
  });

  it("a log that is not full is not rotated", () => {
    const log = openLog(path);
    log.write("info", "daemon", "one");
    log.rotateIfNeeded();
    log.close();
    expect(existsSync(`${path}.1`)).toBe(false);
  });

  it("the new descriptor is reported while the old one is still open", () => {
    const reported: number[] = [];
    const log = openLog(path, {
      maxBytes: 100,
      reopened: (fd) => {
        reported.push(fd);
        expect(fstatSync(fd).ino).toBe(statSync(path).ino);
      },
    });
    log.write("info", "daemon", "x".repeat(200));
    log.rotateIfNeeded();
    log.rotateIfNeeded();
    expect(reported).toHaveLength(1);
    log.close();
  });

  it("a hook that throws does no harm", () => {
    const log = openLog(path, {
      maxBytes: 100,
      reopened: () => {
        throw new Error("dup2 failed");
      },
    });
    log.write("info", "daemon", "x".repeat(200));
    log.rotateIfNeeded();
    log.write("info", "daemon", "still here");
    log.close();
    expect(texts()).toEqual(["cannot rotate the log: Error: dup2 failed", "still here"]);
  });

  it("a failed rotation is reported once, and loses no line", () => {
    mkdirSync(`${path}.1`);
    writeFileSync(`${path}.2`, "");
    mkdirSync(`${path}.3`);
    const log = openLog(path, { maxBytes: 100 });
    for (let i = 0; i < 3; i++) {
      log.write("info", "daemon", `${i} ${"x".repeat(100)}`);
      log.rotateIfNeeded();
    }
    log.close();
    const kept = texts().map((text) => text.slice(0, 21));
    expect(kept).toEqual([
      "0 " + "x".repeat(19),
      "cannot rotate the log",
      "1 " + "x".repeat(19),
      "2 " + "x".repeat(19),
    ]);
  });
});

describe("a log that was removed", () => {
  it.each([
    ["deleted", () => rmSync(path)],
    ["moved", () => renameSync(path, join(dir, "elsewhere"))],
    [
      "replaced",
      () => {
        rmSync(path);
        writeFileSync(path, "");
      },
    ],
  ])("the log is opened again after it was %s", (_, takeAway) => {
    const log = openLog(path);
    log.write("info", "daemon", "before");
    takeAway();
    log.rotateIfNeeded();
    log.write("info", "daemon", "after");
    log.close();
    expect(texts()).toEqual(["after"]);
  });
});

describe("a disk that cannot be written", () => {
  it("lost lines are counted, and reported once writing works again", () => {
    const gone = join(dir, "later", "serve.log");
    const log = openLog(gone);
    log.write("info", "daemon", "lost");
    log.write("info", "daemon", "lost\nas well");
    mkdirSync(join(dir, "later"));
    log.write("info", "daemon", "kept");
    log.close();
    expect(parseBreadcrumb("daemon", texts(gone)[0]!)).toMatchObject({
      kind: "lines-lost",
      count: 3,
      error: expect.stringContaining("ENOENT") as string,
    });
    expect(texts(gone).slice(1)).toEqual(["kept"]);
  });

  it.skipIf(!existsSync("/dev/full"))("is tried again by the timer, without another line", () => {
    symlinkSync("/dev/full", path);
    const log = openLog(path);
    const device = mode("/dev/full");
    log.write("info", "daemon", "lost");
    log.rotateIfNeeded();
    rmSync(path);
    log.rotateIfNeeded();
    log.close();
    expect(mode("/dev/full")).toBe(device);
    expect(texts()).toEqual(["lost 1 log lines (ENOSPC: no space left on device, write)"]);
  });

  it("after a disk ran full in the middle of a line, the next line is whole", ({ skip }) => {
    const mount = join(dir, "small");
    mkdirSync(mount);
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "lockstep-test", mount], { encoding: "utf8" });
    if (mounted.status !== 0) {
      const reason = `no small disk to fill: ${mounted.error?.message ?? mounted.stderr.trim()}`;
      console.warn(`skipped: ${reason}`);
      skip(reason);
    }
    try {
      const ballast = join(mount, "ballast");
      writeFileSync(ballast, Buffer.alloc(40 * 1024));
      const small = join(mount, "serve.log");
      const log = openLog(small);
      for (let i = 0; i < 400; i++) log.write("info", "daemon", `${i} ${"x".repeat(100)}`);
      const before = statSync(small).size;
      log.rotateIfNeeded();
      rmSync(ballast);
      log.write("info", "daemon", "room again");
      log.close();

      const all = readFileSync(small, "utf8");
      expect(all[before - 1]).not.toBe("\n");
      const [reported, last] = texts(small).slice(-2);
      const whole = texts(small).filter((text) => /^\d+ x{100}$/.test(text)).length;
      expect(reported).toBe(`lost ${400 - whole} log lines (ENOSPC: no space left on device, write)`);
      expect(last).toBe("room again");
    } finally {
      spawnSync("umount", ["-l", mount]);
    }
  });
});

describe("two processes", () => {
  it("two processes append to one log without breaking lines", async () => {
    const writer = join(dir, "writer.cjs");
    buildSync({
      stdin: {
        contents: `
          import { openLog } from "./writer.js";
          const [path, name] = process.argv.slice(2);
          const log = openLog(path, { maxBytes: Infinity });
          process.stdout.write("ready");
          process.stdin.once("data", () => {
            for (let i = 0; i < 3000; i++) log.write("info", name, i + " " + name.repeat(10 + (i % 300)));
            process.stdin.destroy();
          });`,
        resolveDir: fileURLToPath(new URL("../../../src/log", import.meta.url)),
        loader: "ts",
      },
      bundle: true,
      platform: "node",
      outfile: writer,
      logLevel: "error",
    });
    const children = ["a", "b"].map((name) =>
      spawn(process.execPath, [writer, path, name], { stdio: ["pipe", "pipe", "inherit"] }),
    );
    try {
      await Promise.all(children.map((child) => once(child.stdout, "data")));
      const ends = children.map((child) => once(child, "exit"));
      for (const child of children) child.stdin.write("go");
      expect(await Promise.all(ends)).toEqual([
        [0, null],
        [0, null],
      ]);
    } finally {
      for (const child of children) child.kill("SIGKILL");
    }
    const seen: Record<string, number> = { a: 0, b: 0 };
    for (const line of lines()) {
      const { component, text } = parseLogLine(line)!;
      const i = seen[component]!++;
      expect(text).toBe(`${i} ${component.repeat(10 + (i % 300))}`);
    }
    expect(seen).toEqual({ a: 3000, b: 3000 });
  });
});
