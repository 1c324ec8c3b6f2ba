// One set-up at a time per tree: two `npm ci` in the same node_modules would destroy each other's files.
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readHolder, recordHolder, startBeating, stateOf } from "./lock-holder.mjs";

const WAIT_MS = 10 * 60_000;
const POLL_MS = 200;
/** Without a sign for this long, a holder that can't be seen from here counts as dead. It gives one every second. */
const SILENCE_MS = 8_000;

/**
 * Runs `work` while holding `.cache/setup.lock`. Waits at most ten minutes for another set-up, and prints that it waits.
 * @param {string} root
 * @param {() => Promise<void>} work
 */
export async function withSetupLock(root, work) {
  const lock = join(root, ".cache/setup.lock");
  const deadline = performance.now() + WAIT_MS;
  const judge = judgeOfHolders(lock);
  for (let announced = false; !tryLock(lock);) {
    const found = readHolder(lock);
    if (judge(found) === "dead") {
      discard(lock, found?.text);
      continue;
    }
    const who = found?.holder === undefined ? "" : ` (process ${found.holder.pid})`;
    if (performance.now() > deadline) {
      throw new Error(`${lock} is still held${who}. If no set-up runs there, delete it.`);
    }
    if (!announced) console.error(`set-up: waiting for another set-up of this tree${who}`);
    announced = true;
    await delay(POLL_MS);
  }
  const stopBeating = startBeating(lock);
  try {
    await work();
  } finally {
    stopBeating();
    rmSync(lock, { recursive: true, force: true });
  }
}

/** Renaming a directory that already names its holder is atomic, and fails if the target is not empty. @param {string} lock */
function tryLock(lock) {
  mkdirSync(join(lock, ".."), { recursive: true });
  const mine = mkdtempSync(`${lock}.`);
  recordHolder(mine);
  try {
    renameSync(mine, lock);
    return true;
  } catch {
    rmSync(mine, { recursive: true, force: true });
    return false;
  }
}

/**
 * Judges each holder that it is shown, and remembers since when one that can't be seen has given no sign.
 * @param {string} lock
 */
function judgeOfHolders(lock) {
  let sign = "";
  let since = performance.now();
  return (/** @type {ReturnType<typeof readHolder>} */ found) => {
    const state = found?.holder === undefined ? "unseen" : stateOf(found.holder);
    if (state !== "unseen") return state;
    const latest = `${found?.text} ${lastBeat(lock)}`;
    if (latest !== sign) since = performance.now();
    sign = latest;
    // By this process's clock, since another machine's may differ.
    return performance.now() - since > SILENCE_MS ? "dead" : "alive";
  };
}

/** @param {string} lock */
function lastBeat(lock) {
  try {
    return statSync(join(lock, "holder")).mtimeMs;
  } catch {
    return 0;
  }
}

/**
 * Renames the lock first, so that of two processes that find it stale only one removes it.
 * @param {string} lock
 * @param {string | undefined} judged the record of the holder that is dead
 */
function discard(lock, judged) {
  const dead = mkdtempSync(`${lock}.`);
  try {
    renameSync(lock, dead);
    // Another process was faster, and this is its new lock: restore it.
    if (readHolder(dead)?.text !== judged) renameSync(dead, lock);
  } catch {
    // another process removed it
  }
  rmSync(dead, { recursive: true, force: true });
}
