import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

import { OwnFiles } from "../../../src/daemon/own-files.js";
import { statePaths, type StatePaths } from "../../../src/state/directory.js";
import { readRecordedDaemon } from "../../../src/state/recorded-daemon.js";
import { tryLock, type FileLock } from "../../../src/state/lock.js";

const IDENTITY = {
  version: "1.2.3",
  protocol: 1,
  buildId: "b",
  installRoot: "/opt/lockstep",
  execPath: process.execPath,
  pid: process.pid,
  startedAt: "2026-11-23T03:40:01.123Z",
  launchedBy: "cli (pid 1)",
  heartbeatMs: 2_000,
};

const MEMORY = { name: "memory", pid: process.pid, pgid: process.pid, startTime: "boot/1", family: "/state#1" };

let paths: StatePaths;
let lock: FileLock;
let files: OwnFiles;
beforeEach(() => {
  paths = statePaths(mkdtempSync(join(tmpdir(), "own-files-")));
  lock = tryLock(paths.daemonLock)!;
  files = new OwnFiles(paths, lock, IDENTITY);
  // A plain file stands for the socket: only its inode counts.
  writeFileSync(paths.socket, "");
  files.publish(lstatSync(paths.socket, { bigint: true }).ino);
});
afterEach(() => {
  lock.release();
  rmSync(paths.dir, { recursive: true });
});

function content(): Record<string, string> {
  return Object.fromEntries(readdirSync(paths.dir).map((name) => [name, readFileSync(join(paths.dir, name), "utf8")]));
}

/** By rename, so that the file cannot get the inode of the one before it. */
function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

it("a daemon's files name it and its hosted servers", () => {
  files.recordChildren([MEMORY]);
  expect(readFileSync(paths.pid, "utf8")).toBe(`${process.pid}\n`);
  expect(JSON.parse(readFileSync(paths.identity, "utf8"))).toMatchObject({ ...IDENTITY, state: "running" });
  expect(JSON.parse(readFileSync(paths.children, "utf8"))).toMatchObject([{ name: "memory", pid: process.pid }]);
  expect(files.lost()).toBeUndefined();
});

it("a heartbeat is the mtime of serve.pid", () => {
  const at = new Date("2026-11-23T03:40:02.000Z");
  files.refresh(at);
  expect(statSync(paths.pid).mtimeMs).toBe(at.getTime());
});

it("a daemon that drains records until when its running calls may go on", () => {
  const deadlineMs = Date.now() + 72_000;
  files.markDraining(deadlineMs);
  expect(readRecordedDaemon(paths)).toMatchObject({ pid: process.pid, deadlineMs });
});

it("a daemon that ends removes its own files and leaves the lock", () => {
  files.markDraining(Date.now());
  expect(JSON.parse(readFileSync(paths.identity, "utf8"))).toMatchObject({ state: "draining" });
  files.unlink();
  expect(readdirSync(paths.dir)).toEqual(["daemon.lock"]);
});

it("a daemon that ends leaves the record of hosted servers that it could not end", () => {
  files.recordChildren([MEMORY]);
  files.unlink();
  expect(readdirSync(paths.dir).sort()).toEqual(["children.json", "daemon.lock"]);
});

it("a daemon whose socket alone was replaced leaves the new one and removes the rest", () => {
  replace(paths.socket, "another program's");
  expect(files.lost()).toBe(paths.socket);
  files.unlink();
  expect(existsSync(paths.socket)).toBe(true);
  expect(existsSync(paths.pid)).toBe(false);
});

it("a displaced daemon writes and removes nothing, even if it has not noticed yet", () => {
  for (const path of [paths.daemonLock, paths.socket, paths.pid, paths.identity, paths.children]) {
    replace(path, "the successor's");
  }
  const before = content();
  const touched = statSync(paths.pid).mtimeMs;
  files.refresh(new Date(0));
  files.markDraining(Date.now());
  files.recordChildren([MEMORY]);
  files.unlink();
  expect(content()).toEqual(before);
  expect(statSync(paths.pid).mtimeMs).toBe(touched);
  expect(files.lost()).toBe(paths.daemonLock);
});

it("a daemon's files that were removed are there again after its next heartbeat", () => {
  rmSync(paths.pid);
  rmSync(paths.identity);
  files.refresh(new Date());
  expect(readFileSync(paths.pid, "utf8")).toBe(`${process.pid}\n`);
  expect(JSON.parse(readFileSync(paths.identity, "utf8"))).toMatchObject({ ...IDENTITY, state: "running" });
});

it("hosted servers that could not be recorded are recorded with a later heartbeat", () => {
  mkdirSync(paths.children);
  expect(() => files.recordChildren([MEMORY])).toThrow(`cannot write ${paths.children}: `);
  files.refresh(new Date());
  rmdirSync(paths.children);
  files.refresh(new Date());
  expect(JSON.parse(readFileSync(paths.children, "utf8"))).toMatchObject([{ name: "memory", pid: process.pid }]);
});
