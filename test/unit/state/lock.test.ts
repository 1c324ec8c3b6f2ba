import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

import { DirectoryError } from "../../../src/state/directory.js";
import { isLocked, isSameFile, tryLock } from "../../../src/state/lock.js";
import { it as base } from "../../fixtures/it/with-directory.js";

const it = base.extend("path", ({ directory }) => join(directory, "daemon.lock"));

it("a lock is held by one, and free again once it is released", ({ path }) => {
  expect(isLocked(path)).toBe(false);
  expect(existsSync(path)).toBe(false);
  const lock = tryLock(path);
  expect(lock?.isOpen).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(isLocked(path)).toBe(true);
  expect(tryLock(path)).toBeUndefined();
  lock?.release();
  lock?.release();
  expect(isLocked(path)).toBe(false);
  expect(existsSync(path)).toBe(true);
  const next = tryLock(path);
  expect(next).toBeDefined();
  next?.release();
});

it("a lock of another program, such as flock(1), counts, until that program is killed", async ({
  path,
  onTestFinished,
}) => {
  writeFileSync(path, "");
  const holder = spawn("flock", ["--close", path, "sh", "-c", "echo held; exec sleep 60"], {
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  onTestFinished(
    () => void (holder.exitCode === null && holder.signalCode === null && process.kill(-holder.pid!, "SIGKILL")),
  );
  await once(holder.stdout, "data");
  expect(tryLock(path)).toBeUndefined();
  expect(isLocked(path)).toBe(true);
  process.kill(-holder.pid!, "SIGKILL");
  await once(holder, "exit");
  expect(isLocked(path)).toBe(false);
});

it("two checks at once do not take each other for a holder", ({ path }) => {
  writeFileSync(path, "");
  expect(Array.from({ length: 50 }, () => isLocked(path))).not.toContain(true);
});

it("a lock whose file was removed or replaced is no longer in place", ({ path }) => {
  const lock = tryLock(path)!;
  expect(lock.stillInPlace()).toBe(true);
  rmSync(path);
  expect(lock.stillInPlace()).toBe(false);
  writeFileSync(`${path}.new`, "");
  renameSync(`${path}.new`, path);
  expect(lock.stillInPlace()).toBe(false);
  expect(isSameFile(lock.fd, path)).toBe(false);
  const successor = tryLock(path);
  expect(successor?.stillInPlace()).toBe(true);
  lock.release();
  expect(isLocked(path)).toBe(true);
  successor?.release();
});

it("a path that cannot be a lock is an error that names it", ({ directory, path }) => {
  mkdirSync(path);
  expect(() => tryLock(path)).toThrow(DirectoryError);
  expect(() => tryLock(path)).toThrow(path);
  expect(() => tryLock(join(directory, "missing", "lock"))).toThrow(DirectoryError);
  expect(isLocked(join(directory, "missing", "lock"))).toBe(false);
});
