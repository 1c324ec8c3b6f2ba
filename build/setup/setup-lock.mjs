// One set-up at a time per tree: two `npm ci` in the same node_modules would destroy each other's files.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const WAIT_MS = 10 * 60_000;
const POLL_MS = 200;

/**
 * Runs `work` while holding `.cache/setup.lock`. Waits at most ten minutes for another set-up, and prints that it waits.
 * @param {string} root
 * @param {() => Promise<void>} work
 */
export async function withSetupLock(root, work) {
  const lock = join(root, ".cache/setup.lock");
  const deadline = Date.now() + WAIT_MS;
  for (let announced = false; !tryLock(lock);) {
    const holder = holderOf(lock);
    if (holder !== undefined && !isAlive(holder)) {
      discard(lock);
      continue;
    }
    if (Date.now() > deadline) {
      throw new Error(`${lock} is still held by process ${holder ?? "?"}. If no set-up runs there, delete it.`);
    }
    if (holder !== undefined && !announced) {
      console.error(`set-up: waiting for another set-up of this tree (process ${holder})`);
      announced = true;
    }
    await delay(POLL_MS);
  }
  try {
    await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** Renaming a directory that already contains the PID is atomic, and fails if the target is not empty. @param {string} lock */
function tryLock(lock) {
  const mine = `${lock}.${process.pid}`;
  mkdirSync(mine, { recursive: true });
  writeFileSync(join(mine, "pid"), `${process.pid}\n`);
  try {
    renameSync(mine, lock);
    return true;
  } catch {
    rmSync(mine, { recursive: true, force: true });
    return false;
  }
}

/** @param {string} lock */
function holderOf(lock) {
  try {
    return Number(readFileSync(join(lock, "pid"), "utf8"));
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

/** Renames the lock first, so that of two processes that find it stale only one removes it. @param {string} lock */
function discard(lock) {
  const dead = `${lock}.dead.${process.pid}`;
  try {
    renameSync(lock, dead);
    const holder = holderOf(dead);
    // Another process was faster, and this is its new lock: restore it.
    if (holder !== undefined && isAlive(holder)) renameSync(dead, lock);
  } catch {
    // another process removed it
  }
  rmSync(dead, { recursive: true, force: true });
}
