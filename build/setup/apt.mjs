// Debian's and Ubuntu's packages: which of a package's names this release has, and their installation.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { runQuietly } from "./run.mjs";
import { onPath } from "./system-packages.mjs";

/** In these and later releases, libraries with 64-bit times have new names. */
const RENAMED_SINCE = /** @type {Record<string, number>} */ ({ debian: 13, ubuntu: 24.04 });
/** Another apt-get, such as the one that installs security updates, may hold dpkg's lock. */
const BOUNDED = ["DPkg::Lock::Timeout=120", "Acquire::Retries=1", "Acquire::http::Timeout=20"].flatMap((option) => [
  "-o",
  option,
]);
const NO_NETWORK = /fetch|resolv|connect|unreachable/i;

/**
 * The words before a command that installs packages: none for root, on CI sudo if it needs no password.
 * @param {{ ci: boolean }} options
 * @returns {string[] | undefined} undefined if this user can't install packages, or this system has no apt
 */
export function installerPrefix({ ci }) {
  if (onPath("apt-get") === undefined) return undefined;
  if (process.getuid?.() === 0) return [];
  return ci && spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0 ? ["sudo", "-n"] : undefined;
}

/**
 * The name that this release has, per package, without repetition.
 * @param {readonly (readonly string[])[]} packages the names that each may have, the newest first
 * @returns {string[]}
 */
export function namesHere(packages) {
  const all = [...new Set(packages.flat())];
  const known = candidates(all);
  return [...new Set(packages.map((names) => names.find((name) => known.has(name)) ?? usualName(names)))];
}

/** Those that can be installed according to the package lists. @param {string[]} names @returns {Set<string>} */
function candidates(names) {
  const env = { ...process.env, LC_ALL: "C" };
  const { stdout } = spawnSync("apt-cache", ["policy", ...names], { encoding: "utf8", env });
  const found = (stdout ?? "").matchAll(/^(\S+):\n(?: {2}.*\n)*? {2}Candidate: (?!\(none\))/gm);
  return new Set([...found].flatMap(([, name = ""]) => name));
}

/** Without package lists, as in a new container. @param {readonly string[]} names */
function usualName(names) {
  const isNew = isRelease((id, version) => version >= (RENAMED_SINCE[id] ?? Number.POSITIVE_INFINITY));
  return (isNew ? names[0] : names.at(-1)) ?? "";
}

/** @param {(id: string, version: number) => boolean} matches */
function isRelease(matches) {
  try {
    const text = readFileSync("/etc/os-release", "utf8");
    const value = (/** @type {string} */ key) => new RegExp(`^${key}="?([^"\\n]*)`, "m").exec(text)?.[1] ?? "";
    return matches(value("ID"), Number(value("VERSION_ID")));
  } catch {
    return false;
  }
}

/**
 * Installs packages, and as many as possible if some can't be installed. Never rejects.
 * @param {readonly (readonly string[])[]} packages the names that each may have
 * @param {string[]} prefix the result of `installerPrefix`
 * @param {(title: string, run: () => Promise<boolean>) => Promise<boolean>} step shows what is done, and whether it succeeded
 * @returns {Promise<string | undefined>} apt's last words when something failed
 */
export async function installPackages(packages, prefix, step) {
  let problem = "";
  const apt = async (/** @type {string[]} */ ...args) => {
    const words = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", ...BOUNDED, ...args];
    const [command = "", ...rest] = words;
    const { ok, output } = await runQuietly(command, rest, { cwd: "/" });
    if (!ok) problem = lastWords(output);
    return ok;
  };
  await step("refreshing the list of system packages", () => apt("update"));
  const known = candidates(packages.flat());
  const names = namesHere(packages).filter((name) => known.size === 0 || known.has(name));
  const install = (/** @type {string[]} */ which) => apt("install", "-y", "--no-install-recommends", ...which);
  if (await step(`installing ${names.join(", ")}`, () => install(names))) return undefined;
  // One that can't be installed keeps apt from installing the others. Without lists or network all would fail alike.
  if (known.size > 0 && names.length > 1 && !NO_NETWORK.test(problem)) {
    for (const name of names) await step(`installing ${name}`, () => install([name]));
  }
  return problem;
}

/** @param {string} output */
function lastWords(output) {
  const lines = output.trim().split("\n");
  const errors = lines.filter((line) => /^(E|Err|W):/.test(line));
  return (errors.at(-1) ?? lines.at(-1) ?? "").trim();
}
