import { execFile } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, renameSync, statSync, utimesSync } from "node:fs";
import { constants, copyFile, mkdir, open, readdir, rm } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

import { whyNotPrivate } from "../state/directory.js";
import { fileErrorText } from "../state/file-error.js";
import { tryLock, type FileLock } from "../state/lock.js";
import { lockHolderText } from "../state/platform/lock-holder.js";
import { decideStaging, type Source, type StagingDecision } from "./decide-staging.js";
import { exchangeDirectories } from "./exchange-directories.js";
import type { RunningAppImage } from "./running-appimage.js";
import { readSource, readStaged, writeSource, type RuntimePaths } from "./runtime-directory.js";
import { durationText } from "../text/duration.js";

/** Another app that stages at the same time has this long, ms: a copy from a slow disk to a slower one. */
const LOCK_BOUND_MS = 120_000;
const LOCK_POLL_MS = 50;
/** How long what was replaced stays, ms. */
const OLD_STAYS_MS = 500;
/** The fresh copy has this long to say its version, ms. */
const TRIAL_BOUND_MS = 30_000;

/** What Electron's binary needs to run as Node, its licences, and what is Lockstep's own; the window stays behind. */
const BESIDE_BINARY = [
  "libffmpeg.so",
  "icudtl.dat",
  "snapshot_blob.bin",
  "v8_context_snapshot.bin",
  "LICENSE.electron.txt",
  "LICENSES.chromium.html",
];
const RESOURCES = ["resources/lockstep", "resources/node_modules", "resources/bin"];

/** Staging failed; the message says why and how to mend it. What was staged before is as it was. */
export class StagingError extends Error {}

export interface StagingRequest {
  running: RunningAppImage;
  mine: Source;
  /** The binary that runs. */
  execPath: string;
  paths: RuntimePaths;
  /** Told before anything is copied. */
  onCopy: () => void;
}

/**
 * Puts what daemon and command line need from this AppImage's mount, which is gone once the app has ended, into the
 * user's data directory, if `decideStaging` says so. Until the last step the old runtime is untouched, and that step is
 * one rename: an end in between, or a full disk, leaves the old one working. Throws StagingError.
 */
export async function stageRuntime(request: StagingRequest): Promise<StagingDecision> {
  const { paths, mine } = request;
  try {
    requireOwn(paths);
    const nothingToDo = decideStaging({ mine, staged: readStaged(paths) }).do === "keep" && !existsSync(paths.fresh);
    if (nothingToDo) return { do: "keep" };
    const lock = await waitForLock(paths.lock);
    try {
      // Whoever held it may have staged just this.
      const decision = decideStaging({ mine, staged: readStaged(paths) });
      if (decision.do === "stage") await stage(request);
      else if (decision.do === "adopt") adopt(paths, mine);
      return decision;
    } finally {
      await rm(paths.fresh, { recursive: true, force: true });
      lock.release();
    }
  } catch (cause) {
    if (cause instanceof StagingError) throw cause;
    throw new StagingError(
      `Lockstep ${mine.version} could not be put into ${paths.runtime}: ${fileErrorText(cause)}. ${mendOf(cause)}`,
      { cause },
    );
  }
}

async function stage(request: StagingRequest): Promise<void> {
  const { paths, mine, running, execPath, onCopy } = request;
  onCopy();
  // A copy that did not come to its end.
  await rm(paths.fresh, { recursive: true, force: true });
  const files = await copyAll(running.mount, paths.fresh, await wanted(running.mount, basename(execPath)));
  writeSource(paths.fresh, { ...mine, files });
  await tryOut(paths.fresh, basename(execPath));
  putInPlace(paths);
  // Who was on the way to a file of the old one, such as a program that was just started from it, still finds it.
  if (existsSync(paths.fresh)) await delay(OLD_STAYS_MS);
}

/** One step, so that no program finds half of each. */
function putInPlace({ fresh, runtime }: RuntimePaths): void {
  if (!lstatSync(runtime, { throwIfNoEntry: false })) return renameSync(fresh, runtime);
  // A daemon that is just starting from the old code sees by this file's ctime that it was replaced meanwhile.
  const now = new Date();
  utimesSync(join(fresh, "resources/lockstep/daemon.js"), now, now);
  exchangeDirectories(fresh, runtime);
}

function adopt({ runtime }: RuntimePaths, mine: Source): void {
  const staged = readSource(runtime);
  if (staged) writeSource(runtime, { ...staged, appImage: mine.appImage });
}

/** Relative paths of the files to copy. Another Electron may need fewer of them. */
async function wanted(mount: string, binary: string): Promise<string[]> {
  const there = new Set(await readdir(mount));
  const files = [binary, ...BESIDE_BINARY.filter((name) => there.has(name))];
  for (const directory of RESOURCES) {
    const entries = await readdir(join(mount, directory), { recursive: true, withFileTypes: true });
    const found = entries.filter((entry) => entry.isFile());
    files.push(...found.map((entry) => relative(mount, join(entry.parentPath, entry.name))));
  }
  return files;
}

/** Copies without holding up the event loop; returns the sizes. What is written is on the disk afterwards. */
async function copyAll(from: string, to: string, files: readonly string[]): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const file of files) {
    const target = join(to, file);
    await mkdir(dirname(target), { recursive: true, mode: 0o755 });
    await copyFile(join(from, file), target, constants.COPYFILE_FICLONE);
    const handle = await open(target, "r+");
    try {
      const { size, mode } = await handle.stat();
      // The modes are the packager's; nobody else may write here.
      await handle.chmod((mode & 0o111) === 0 ? 0o644 : 0o755);
      await handle.datasync();
      sizes[file] = size;
    } finally {
      await handle.close();
    }
  }
  return sizes;
}

/** Runs it once: on a disk where programs may not run, the runtime before it is the better one. */
async function tryOut(fresh: string, binary: string): Promise<void> {
  const program = join(fresh, binary);
  try {
    await promisify(execFile)(program, [join(fresh, "resources/lockstep/cli.js"), "--version"], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
      timeout: TRIAL_BOUND_MS,
    });
  } catch (cause) {
    const noexec = (cause as NodeJS.ErrnoException).code === "EACCES";
    const mend = noexec
      ? "the disk is mounted noexec: set XDG_DATA_HOME to a directory where programs may run"
      : `what it said: ${(cause as Error).message}`;
    throw new StagingError(`The copy of Lockstep in ${dirname(fresh)} does not run; ${mend}.`, { cause });
  }
}

/** Whoever can write there could run code as us. */
function requireOwn({ home, runtime }: RuntimePaths): void {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  // The data directory may well be a link to another disk; the runtime in it is exchanged as a whole, and a link is not.
  const found = { [home]: statSync(home), [runtime]: lstatSync(runtime, { throwIfNoEntry: false }) };
  for (const [directory, stats] of Object.entries(found)) {
    const problem = stats && whyNotPrivate(directory, stats);
    if (problem !== undefined) throw new StagingError(`Lockstep cannot run from ${problem}`);
  }
}

async function waitForLock(path: string): Promise<FileLock> {
  const end = performance.now() + LOCK_BOUND_MS;
  for (;;) {
    const lock = tryLock(path);
    if (lock) return lock;
    if (performance.now() > end) {
      const holder = lockHolderText(path) ?? "an unknown process";
      throw new StagingError(
        `gave up after ${durationText(LOCK_BOUND_MS)}: ${path} is held by ${holder}; end that process and start Lockstep again`,
      );
    }
    await delay(LOCK_POLL_MS);
  }
}

function mendOf(cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT"
    ? "Make room for 250 MB and start it again."
    : "Mend that and start it again.";
}
