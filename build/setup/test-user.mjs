// A copy of this tree for a user without privileges: root may read and write everything, so as root no test can see that
// a permission is missing.
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { guardRun } from "../../test/guard-run.mjs";
import { electronProgram, electronToPackage } from "../electron/electron-dist.mjs";
import { onPath } from "./system-packages.mjs";

/** The user without any rights of its own, on every Linux. */
const UID = 65534;
const LEFT_OUT = [".git", ".cache", "node_modules"];

/**
 * @typedef {object} TestUser
 * @property {string} name
 * @property {string} root the copy of the tree
 * @property {string[]} prefix the words that stand before a command to run it as this user
 * @property {() => void} remove removes the copy
 */

/** Only root can become another user. */
export function canBecomeTestUser() {
  return process.platform === "linux" && process.getuid?.() === 0 && onPath("setpriv");
}

/** @param {string} tree @returns {TestUser} */
export function createTestUser(tree) {
  // Short, since the paths of sockets are limited to about 100 bytes.
  const top = mkdtempSync(join(tmpdir(), "lu-"));
  const hasEnded = guardRun(top);
  const name = execFileSync("id", ["-un", `${UID}`], { encoding: "utf8" }).trim();
  const group = execFileSync("id", ["-g", `${UID}`], { encoding: "utf8" }).trim();
  const root = join(top, "tree");
  const home = join(top, "home");
  const temp = join(top, "t");
  chmodSync(top, 0o755);
  for (const directory of [home, temp]) mkdirSync(directory);
  cpSync(tree, root, { recursive: true, filter: (path) => path === tree || !LEFT_OUT.includes(basename(path)) });
  mkdirSync(join(root, ".cache"));
  execFileSync("chmod", ["-R", "a+rX", top]);
  execFileSync("chown", ["-R", `${UID}:${group}`, top]);
  const packages = join(root, "node_modules");
  linkTree(join(tree, "node_modules"), packages);
  // vite keeps files there. Directories are copies, only the files are shared.
  for (const name of [".vite", ".vite-temp"]) rmSync(join(packages, name), { recursive: true, force: true });
  execFileSync("chown", [`${UID}:${group}`, packages]);
  const electron = join(top, "electron");
  linkTree(electronToPackage().dist ?? join(electronProgram(), ".."), electron);
  const env = {
    CI: "true",
    ELECTRON_OVERRIDE_DIST_PATH: electron,
    HOME: home,
    LOGNAME: name,
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    SHELL: "/bin/sh",
    TMPDIR: temp,
    USER: name,
  };
  const assignments = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return {
    name,
    root,
    prefix: ["setpriv", `--reuid=${UID}`, `--regid=${group}`, "--clear-groups", "env", "-i", ...assignments],
    remove: () => {
      rmSync(top, { recursive: true, force: true, maxRetries: 5 });
      hasEnded();
    },
  };
}

/** Hard links where possible, since copying 1 GB takes a minute. The files stay root's, and are only read. */
function linkTree(/** @type {string} */ from, /** @type {string} */ to) {
  try {
    execFileSync("cp", ["-al", from, to], { stdio: "ignore" });
  } catch {
    execFileSync("cp", ["-a", from, to]);
  }
}
