// The version of this source tree, as `serve` and `status` will say it.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A release build, and a tree without git, are package.json's version. A development checkout is what git describes:
 * `1.2.3` on the tag itself, `1.2.3-4-gabcdef0` after it, and counted from the first commit where there is no tag yet.
 * @param {string} root
 * @param {{ release: boolean }} options
 */
export function sourceVersion(root, { release }) {
  /** @type {{ version: string }} */
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  // Without its own .git, git would describe whatever repository the tree happens to lie in.
  if (release || !existsSync(join(root, ".git"))) return version;
  const described = git(root, "describe", "--tags", "--match", "v*");
  if (described !== undefined) return described.replace(/^v/, "");
  const count = git(root, "rev-list", "--count", "HEAD");
  const sha = git(root, "rev-parse", "--short=7", "HEAD");
  return count === undefined || sha === undefined ? version : `${version}-${count}-g${sha}`;
}

/** @param {string} root @param {string[]} args */
function git(root, ...args) {
  try {
    // A git hook exports GIT_DIR and its like, which would lead to another repository than the tree's own.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_")));
    return execFileSync("git", args, { cwd: root, env, stdio: ["ignore", "pipe", "ignore"], encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}
