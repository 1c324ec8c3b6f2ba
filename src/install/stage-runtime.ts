import { execFile } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, renameSync, statSync } from "node:fs";
import { constants, copyFile, mkdir, open, readdir, rm } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

import { whyNotPrivate } from "../state/directory.js";
import { fileErrorText } from "../state/file-error.js";
import { tryLock, type FileLock } from "../state/lock.js";
import { lockHolderText } from "../state/platform/lock-holder.js";
import { decideStaging, type Source, type StagingDecision } from "./decide-staging.js";
import { asideOf, exchangeDirectories } from "./exchange-directories.js";
import type { RunningAppImage } from "./running-appimage.js";
import { readSource, readStaged, writeSource, type RuntimePaths } from "./runtime-directory.js";
import { durationText } from "../text/duration.js";

/** How long to wait for another app that is staging, ms: it may copy from a slow disk to a slower one. */
const LOCK_BOUND_MS = 120_000;
const LOCK_POLL_MS = 50;
/** How long the old runtime is kept after the exchange, ms. */
const OLD_STAYS_MS = 500;
/** How long the new copy may take to print its version, ms. */
const TRIAL_BOUND_MS = 30_000;

/** What Electron's binary needs to run as Node, and its licences. The files of the window are not copied. */
const BESIDE_BINARY = [
  "libffmpeg.so",
  "icudtl.dat",
  "snapshot_blob.bin",
  "v8_context_snapshot.bin",
  "LICENSE.electron.txt",
  "LICENSES.chromium.html",
];
const RESOURCES = ["resources/lockstep", "resources/node_modules", "resources/bin"];

/** Staging failed; the message says why and how to fix it. What was staged before is unchanged. */
export class StagingError extends Error {}

export interface StagingRequest {
  running: RunningAppImage;
  mine: Source;
  /** The running binary. */
  execPath: string;
  paths: RuntimePaths;
  /** Called before anything is copied. */
  onCopy: () => void;
}

/**
 * Copies what daemon and command line need from the AppImage's mount, which disappears when the app ends, to the user's
 * data directory, if `decideStaging` says so. The old runtime is untouched until the last step, which is one rename: a
 * crash before that, or a full disk, leaves the old one working. Throws StagingError.
 */
export async function stageRuntime(request: StagingRequest): Promise<StagingDecision> {
  const { paths, mine } = request;
  try {
    requirePrivate(paths);
    const isKept = decideStaging({ mine, staged: readStaged(paths) }).do === "keep";
    if (isKept && !leftOver(paths).some((directory) => existsSync(directory))) return { do: "keep" };
    const lock = await waitForLock(paths.lock);
    try {
      // The app that held the lock may have staged the same build.
      const decision = decideStaging({ mine, staged: readStaged(paths) });
      if (decision.do === "stage") await stage(request);
      else if (decision.do === "adopt") adopt(paths, mine);
      return decision;
    } finally {
      for (const directory of leftOver(paths)) await rm(directory, { recursive: true, force: true });
      lock.release();
    }
  } catch (cause) {
    if (cause instanceof StagingError) throw cause;
    throw new StagingError(
      `Lockstep ${mine.version} could not be installed in ${paths.runtime}: ${fileErrorText(cause)}. ${adviceFor(cause)}`,
      { cause },
    );
  }
}

/** What an interrupted copy or exchange leaves behind. */
function leftOver({ fresh }: RuntimePaths): string[] {
  return [fresh, asideOf(fresh)];
}

async function stage(request: StagingRequest): Promise<void> {
  const { paths, mine, running, execPath, onCopy } = request;
  onCopy();
  // Left by an interrupted copy.
  await rm(paths.fresh, { recursive: true, force: true });
  const files = await copyAll(running.mount, paths.fresh, await filesToCopy(running.mount, basename(execPath)));
  writeSource(paths.fresh, { ...mine, files });
  await tryOut(paths.fresh, basename(execPath));
  putInPlace(paths);
  // A program that was just started from the old runtime can still open its files.
  if (existsSync(paths.fresh)) await delay(OLD_STAYS_MS);
}

/** In one step, so that no program finds a mixture of both. */
function putInPlace({ fresh, runtime }: RuntimePaths): void {
  if (!lstatSync(runtime, { throwIfNoEntry: false })) return renameSync(fresh, runtime);
  exchangeDirectories(fresh, runtime);
}

function adopt({ runtime }: RuntimePaths, mine: Source): void {
  const staged = readSource(runtime);
  if (staged) writeSource(runtime, { ...staged, appImage: mine.appImage });
}

/** Relative paths of the files to copy. Not every version of Electron has all of them. */
async function filesToCopy(mount: string, binary: string): Promise<string[]> {
  const there = new Set(await readdir(mount));
  const files = [binary, ...BESIDE_BINARY.filter((name) => there.has(name))];
  for (const directory of RESOURCES) {
    const entries = await readdir(join(mount, directory), { recursive: true, withFileTypes: true });
    const found = entries.filter((entry) => entry.isFile());
    files.push(...found.map((entry) => relative(mount, join(entry.parentPath, entry.name))));
  }
  return files;
}

/** Copies without blocking the event loop, and returns the sizes. The data is on the disk when it resolves. */
async function copyAll(from: string, to: string, files: readonly string[]): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const file of files) {
    const target = join(to, file);
    await mkdir(dirname(target), { recursive: true, mode: 0o755 });
    await copyFile(join(from, file), target, constants.COPYFILE_FICLONE);
    // Not for writing, which a file that its packager made read-only refuses; flushing needs no more.
    const handle = await open(target, "r");
    try {
      const { size, mode } = await handle.stat();
      // Only the executable bit is the packager's: no other user may write here.
      await handle.chmod((mode & 0o111) === 0 ? 0o644 : 0o755);
      await handle.datasync();
      sizes[file] = size;
    } finally {
      await handle.close();
    }
  }
  return sizes;
}

/** Runs the copy once: if it cannot run, for instance on a disk mounted noexec, the old runtime is kept. */
async function tryOut(fresh: string, binary: string): Promise<void> {
  const program = join(fresh, binary);
  try {
    await promisify(execFile)(program, [join(fresh, "resources/lockstep/cli.js"), "--version"], {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
      timeout: TRIAL_BOUND_MS,
    });
  } catch (cause) {
    const noexec = (cause as NodeJS.ErrnoException).code === "EACCES";
    const explanation = noexec
      ? "the disk is mounted noexec: set XDG_DATA_HOME to a directory on a disk without that option"
      : `it failed with: ${(cause as Error).message}`;
    throw new StagingError(`The copy of Lockstep in ${dirname(fresh)} does not run; ${explanation}.`, { cause });
  }
}

/** Refuses directories in which another user could place code that then runs as this one. */
function requirePrivate({ home, runtime }: RuntimePaths): void {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  // The data directory may be a link to another disk. The runtime may not, since an exchange would replace the link only.
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

function adviceFor(cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT"
    ? "Free up 250 MB and start Lockstep again."
    : "Fix that and start Lockstep again.";
}
