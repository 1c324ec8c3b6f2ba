// Sets this tree up: `node build/setup/setup.mjs check|start|test`. Needs only Node, does only what is missing, and prints
// nothing if everything is there. "check" needs npm's packages; "start" also dist/ and, with a display, Electron; "test"
// also some system programs. What only another user may install is named and left out.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hasDisplay } from "./display.mjs";
import { electronIsInPlace, putElectronInPlace } from "../electron/electron-dist.mjs";
import { installerPrefix, installPackages as installWithApt, namesHere } from "./apt.mjs";
import { buildIsCurrent, fingerprint } from "../bundle/inputs.mjs";
import { runQuietly, seconds } from "./run.mjs";
import { withSetupLock } from "./setup-lock.mjs";
import { missingNeeds } from "./system-packages.mjs";
import { needsDist, needsElectron, suiteNames, testFiles } from "./test-files.mjs";
import { npmCacheOptions } from "./writable-cache.mjs";

/** @typedef {import("./system-packages.mjs").Purpose} Purpose */

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const OLDEST_NODE = [20, 18];
const isMac = process.platform === "darwin";
const INSTALL_STAMP = join(ROOT, "node_modules/.lockstep-install");

/**
 * Throws an Error whose message says what is missing and what to do. What the app or some tests lack is no error: the
 * caller asks for it again (`missingNeeds`, `electronIsInPlace`) and goes on with what is there.
 * @param {Purpose} purpose
 * @param {readonly string[]} [files] for "test": the test files that will run
 */
export async function setUp(purpose, files = []) {
  refuseWhereItCannotRun();
  const prefix = missingNeeds(purpose, files).length > 0 ? installerPrefix({ ci: onCi() }) : undefined;
  if (prefix !== undefined || !isReady(purpose, files)) {
    await withSetupLock(ROOT, async () => {
      if (prefix !== undefined) await installSystemPackages(purpose, files, prefix);
      if (!packagesAreInstalled()) await installPackages();
      if (!distIsReady(purpose, files)) await step("building dist", process.execPath, [join(ROOT, "build/build.mjs")]);
      if (wantsElectron(purpose, files) && !electronIsInPlace()) await installElectron();
    });
  }
  nameWhatIsMissing(purpose, files);
}

/** On CI nothing may be left out, and sudo may be used if it asks no questions. */
export function onCi() {
  return !["", "0", "false"].includes(process.env["CI"] ?? "");
}

function refuseWhereItCannotRun() {
  if (process.platform === "win32") {
    throw new Error("Windows is not supported yet: Lockstep needs flock and Unix sockets; Linux and macOS work.");
  }
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    throw new Error(
      `Lockstep needs Node ${OLDEST_NODE.join(".")} or newer; this is ${process.versions.node} (${process.execPath}).`,
    );
  }
}

/** Whether there is all that needs no other user's rights. @param {Purpose} purpose @param {readonly string[]} files */
function isReady(purpose, files) {
  return (
    packagesAreInstalled() && distIsReady(purpose, files) && (!wantsElectron(purpose, files) || electronIsInPlace())
  );
}

/** Also false if an installation was interrupted, by this program or by another that does not know the stamp. */
function packagesAreInstalled() {
  if (!existsSync(INSTALL_STAMP) || readFileSync(INSTALL_STAMP, "utf8") !== installStamp()) return false;
  /** @type {{ packages: Record<string, { optional?: boolean, devOptional?: boolean, peer?: boolean }> }} */
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
  return Object.entries(packages).every(
    ([path, { optional, devOptional, peer }]) =>
      !path.startsWith("node_modules/") ||
      optional ||
      devOptional ||
      peer ||
      existsSync(join(ROOT, path, "package.json")),
  );
}

function installStamp() {
  const lockfile = createHash("sha256")
    .update(readFileSync(join(ROOT, "package-lock.json")))
    .digest("hex");
  return `${lockfile} ${process.platform}-${process.arch} abi ${process.versions.modules}\n`;
}

/** @param {Purpose} purpose @param {readonly string[]} files */
function distIsReady(purpose, files) {
  const isWanted = purpose === "start" || (purpose === "test" && files.some(needsDist));
  if (!isWanted) return true;
  return buildIsCurrent(ROOT, fingerprint(ROOT, { release: process.env["LOCKSTEP_RELEASE"] === "1" }));
}

/** The stamp is written last, so that an interrupted installation is repeated. */
async function installPackages() {
  rmSync(INSTALL_STAMP, { force: true });
  // No package needs its install script, and without the scripts only the registry is contacted.
  const args = ["ci", "--include=dev", "--ignore-scripts", "--prefer-offline", ...npmCacheOptions()];
  await step("installing npm packages", "npm", args);
  writeFileSync(INSTALL_STAMP, installStamp());
}

/** @param {Purpose} purpose @param {readonly string[]} files */
function wantsElectron(purpose, files) {
  return purpose === "start" ? hasDisplay() : purpose === "test" && files.some(needsElectron);
}

/** Without it the app can't run; the terminal, and most tests, can. */
async function installElectron() {
  try {
    await putElectronInPlace();
  } catch (error) {
    console.error(`set-up: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @param {Purpose} purpose @param {readonly string[]} files @param {string[]} prefix the words before apt-get */
async function installSystemPackages(purpose, files, prefix) {
  const packages = missingNeeds(purpose, files).map(({ debian }) => debian);
  const problem = await installWithApt(packages, prefix, async (title, run) => {
    process.stderr.write(`set-up: ${title} ... `);
    const startedAt = performance.now();
    const ok = await run();
    process.stderr.write(`${ok ? "" : "failed after "}${seconds(performance.now() - startedAt)}\n`);
    return ok;
  });
  if (problem !== undefined) console.error(`set-up: apt-get says: ${problem}`);
}

/** In one command, for a user who may not run it or must be asked. @param {Purpose} purpose @param {readonly string[]} files */
function nameWhatIsMissing(purpose, files) {
  const missing = missingNeeds(purpose, files);
  if (missing.length === 0) return;
  const names = missing.map(({ name, why }) => `${name} (${why})`).join(", ");
  const packages = packageNames(missing).join(" ");
  const command = isMac ? `brew install ${packages}` : `sudo apt-get install -y --no-install-recommends ${packages}`;
  console.error(
    `set-up: missing on this system: ${names}\nset-up: install with (or with another package manager):\n  ${command}`,
  );
}

/** Of this system, without repetition. @param {readonly import("./system-packages.mjs").SystemNeed[]} needs */
export function packageNames(needs) {
  if (isMac) return [...new Set(needs.flatMap(({ brew = [] }) => brew))];
  return namesHere(needs.map(({ debian }) => debian));
}

/** @param {string} title @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
async function step(title, command, args, env = process.env) {
  process.stderr.write(`set-up: ${title} ... `);
  const { ok, output, ms } = await runQuietly(command, args, { cwd: ROOT, env });
  process.stderr.write(ok ? `${seconds(ms)}\n` : `failed after ${seconds(ms)}\n`);
  if (!ok) throw new Error(`${[command, ...args].join(" ")} failed:\n${output.trimEnd()}`);
}

/** Like `setUp`, but prints the error and exits with 1. @param {Purpose} purpose @param {readonly string[]} [files] */
export async function setUpOrExit(purpose, files = []) {
  try {
    await setUp(purpose, files);
  } catch (error) {
    console.error(`set-up: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  const purpose = process.argv[2];
  if (purpose === "check" || purpose === "start") {
    await setUpOrExit(purpose);
  } else if (purpose === "test") {
    await setUpOrExit(purpose, testFiles(ROOT, suiteNames));
  } else {
    console.error("usage: node build/setup/setup.mjs check|start|test");
    process.exitCode = 2;
  }
}
