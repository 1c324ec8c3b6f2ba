// Where set-up keeps downloads: the user's own cache, which all checkouts share, or this tree's if that can't be written,
// as with a read-only home or a user without one.
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** The path of `name` below the user's cache directory, or below `.cache` of this tree. @param {string} name */
export function cachePath(name) {
  const own = process.env["XDG_CACHE_HOME"] || (homedir() && join(homedir(), ".cache"));
  const shared = own && join(own, name);
  // What is there already can be used, whether more can be written or not.
  return shared && (existsSync(shared) || canCreate(shared)) ? shared : join(ROOT, ".cache", name);
}

/** npm's options for a cache that it can write: none if its own is. @returns {string[]} */
export function npmCacheOptions() {
  const own = process.env["npm_config_cache"] || (homedir() && join(homedir(), ".npm"));
  // npm run once as root leaves files of root's in it.
  const parts = own ? [own, join(own, "_cacache"), join(own, "_cacache/tmp")] : [];
  if (own && canCreate(own) && parts.every((part) => !existsSync(part) || isWritable(part))) return [];
  return ["--cache", join(ROOT, ".cache/npm")];
}

/** @param {string} directory */
function canCreate(directory) {
  let existing = directory;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  return isWritable(existing);
}

/** @param {string} directory */
function isWritable(directory) {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return statSync(directory).isDirectory();
  } catch {
    return false;
  }
}
