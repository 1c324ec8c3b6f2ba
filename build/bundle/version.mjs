// The version of this source tree, as `serve` and `status` print it.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * For a release build and a tree without git, package.json's version. For a checkout, what `git describe` says: `1.2.3` on
 * the tag, `1.2.3-4-gabcdef0` after it, and counted from the first commit when there is no tag yet.
 * @param {string} root
 * @param {{ release: boolean }} options
 */
export function sourceVersion(root, { release }) {
  /** @type {{ version: string }} */
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  // Without its own .git, git would describe a repository above the tree.
  if (release || !existsSync(join(root, ".git"))) return version;
  const described = git(root, "describe", "--tags", "--match", "v*");
  if (described !== undefined) return described.replace(/^v/, "");
  const count = git(root, "rev-list", "--count", "HEAD");
  const sha = git(root, "rev-parse", "--short=7", "HEAD");
  return count === undefined || sha === undefined ? version : `${version}-${count}-g${sha}`;
}

/**
 * The day of the last change, `2026-11-23`, so that the same sources always produce the same documents.
 * @param {string} root
 */
export function sourceDate(root) {
  const epoch = process.env["SOURCE_DATE_EPOCH"];
  const committed = existsSync(join(root, ".git")) ? git(root, "log", "-1", "--format=%cs") : undefined;
  if (!epoch && committed) return committed;
  const date = epoch ? new Date(Number(epoch) * 1000) : statSync(join(root, "package.json")).mtime;
  return date.toISOString().slice(0, 10);
}

/**
 * The output of git without its last newline; undefined if git fails or is not installed.
 * @param {string} root @param {string[]} args
 */
export function git(root, ...args) {
  try {
    // A git hook exports GIT_DIR and similar variables, which would select another repository.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_")));
    return execFileSync("git", args, { cwd: root, env, stdio: ["ignore", "pipe", "ignore"], encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}
