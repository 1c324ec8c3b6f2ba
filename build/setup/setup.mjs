// Sets this tree up: `node build/setup/setup.mjs check|start|test`. Needs only Node, does only what is missing, and prints
// nothing if everything is there. "check" needs npm's packages; "start" also dist/ and, with a display, Electron; "test"
// also some system programs.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hasDisplay } from "./display.mjs";
import { electronIsInPlace, putElectronInPlace } from "../electron/electron-dist.mjs";
import { buildIsCurrent, fingerprint } from "../bundle/inputs.mjs";
import { runQuietly, seconds } from "./run.mjs";
import { withSetupLock } from "./setup-lock.mjs";
import { missingNeeds, onPath } from "./system-packages.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const OLDEST_NODE = [20, 18];
const isMac = process.platform === "darwin";
const INSTALL_STAMP = join(ROOT, "node_modules/.lockstep-install");

/** Throws an Error whose message says what is missing and what to do. @param {import("./system-packages.mjs").Purpose} purpose */
export async function setUp(purpose) {
  refuseWhereItCannotRun();
  if (isReady(purpose)) return;
  await withSetupLock(ROOT, async () => {
    await installSystemPackages(purpose);
    if (!packagesAreInstalled()) await installPackages();
    if (!distIsReady(purpose)) await step("building dist", process.execPath, [join(ROOT, "build/build.mjs")]);
    if (!electronIsReady(purpose)) await installElectron(purpose);
  });
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

/** @param {import("./system-packages.mjs").Purpose} purpose */
function isReady(purpose) {
  return (
    missingNeeds(purpose).length === 0 && packagesAreInstalled() && distIsReady(purpose) && electronIsReady(purpose)
  );
}

function packagesAreInstalled() {
  return existsSync(INSTALL_STAMP) && readFileSync(INSTALL_STAMP, "utf8") === installStamp();
}

function installStamp() {
  const lockfile = createHash("sha256")
    .update(readFileSync(join(ROOT, "package-lock.json")))
    .digest("hex");
  return `${lockfile} ${process.platform}-${process.arch} abi ${process.versions.modules}\n`;
}

/** @param {import("./system-packages.mjs").Purpose} purpose */
function distIsReady(purpose) {
  if (purpose === "check") return true;
  return buildIsCurrent(ROOT, fingerprint(ROOT, { release: process.env["LOCKSTEP_RELEASE"] === "1" }));
}

/** The stamp is written last, so that an interrupted installation is repeated. */
async function installPackages() {
  // No package needs its install script, and without the scripts only the registry is contacted.
  await step("installing npm packages", "npm", ["ci", "--include=dev", "--ignore-scripts", "--prefer-offline"]);
  writeFileSync(INSTALL_STAMP, installStamp());
}

/** @param {import("./system-packages.mjs").Purpose} purpose */
function electronIsReady(purpose) {
  const wanted = purpose === "test" || (purpose === "start" && hasDisplay());
  return !wanted || electronIsInPlace();
}

/** @param {import("./system-packages.mjs").Purpose} purpose */
async function installElectron(purpose) {
  try {
    await putElectronInPlace();
  } catch (error) {
    // `npm start` works in the terminal too.
    if (purpose !== "start") throw error;
    console.error(`set-up: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @param {import("./system-packages.mjs").Purpose} purpose */
async function installSystemPackages(purpose) {
  const missing = missingNeeds(purpose);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(({ debian, brew = debian }) => (isMac ? brew : debian)))];
  if (process.getuid?.() === 0 && onPath("apt-get") !== undefined) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    await step("refreshing the list of system packages", "apt-get", ["update"], env);
    await step(
      `installing ${packages.join(", ")}`,
      "apt-get",
      ["install", "-y", "--no-install-recommends", ...packages],
      env,
    );
    return;
  }
  const command = isMac
    ? `brew install ${packages.join(" ")}`
    : `sudo apt-get install -y --no-install-recommends ${packages.join(" ")}`;
  const list = missing.map(({ name, why }) => `  ${name}: ${why}`).join("\n");
  const message = `these are missing:\n${list}\nInstall them with (or with your system's package manager):\n  ${command}`;
  if (!missing.every(({ optional }) => optional)) throw new Error(message);
  console.error(`set-up: ${message}\nContinuing without them.`);
}

/** @param {string} title @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
async function step(title, command, args, env = process.env) {
  process.stderr.write(`set-up: ${title} ... `);
  const { ok, output, ms } = await runQuietly(command, args, { cwd: ROOT, env });
  process.stderr.write(ok ? `${seconds(ms)}\n` : `failed after ${seconds(ms)}\n`);
  if (!ok) throw new Error(`${[command, ...args].join(" ")} failed:\n${output.trimEnd()}`);
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  const purpose = process.argv[2];
  if (purpose !== "check" && purpose !== "start" && purpose !== "test") {
    console.error("usage: node build/setup/setup.mjs check|start|test");
    process.exitCode = 2;
  } else {
    await setUpOrExit(purpose);
  }
}

/** Like `setUp`, but prints the error and exits with 1. @param {import("./system-packages.mjs").Purpose} purpose */
export async function setUpOrExit(purpose) {
  try {
    await setUp(purpose);
  } catch (error) {
    console.error(`set-up: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}
