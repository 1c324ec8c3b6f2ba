// Whether dist/ was built from these sources: a fingerprint of all inputs of a build, stored after each build.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sourceVersion } from "./version.mjs";

/** The folders with the product's code. */
export const SOURCES = ["src", "electron", "renderer"];
const STAMP = ".cache/build.stamp";

/**
 * Changes when an input of the build changes. Compares sizes and times instead of contents, since it runs at every start.
 * @param {string} root
 * @param {{ release: boolean }} options
 */
export function fingerprint(root, options) {
  const hash = createHash("sha256");
  hash.update(sourceVersion(root, options));
  for (const file of [
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    ...SOURCES.flatMap((folder) => filesUnder(root, folder)),
    ...filesUnder(root, "build"),
  ]) {
    const { size, mtimeMs } = statSync(join(root, file));
    hash.update(`\n${file} ${size} ${mtimeMs}`);
  }
  return hash.digest("hex");
}

/** @param {string} root @param {string} inputs */
export function buildIsCurrent(root, inputs) {
  return (
    existsSync(join(root, "dist/build-info.json")) &&
    existsSync(join(root, STAMP)) &&
    readFileSync(join(root, STAMP), "utf8") === inputs
  );
}

/** @param {string} root @param {string} inputs */
export function writeBuildStamp(root, inputs) {
  const stamp = join(root, STAMP);
  mkdirSync(join(root, ".cache"), { recursive: true });
  writeFileSync(`${stamp}.${process.pid}`, inputs);
  renameSync(`${stamp}.${process.pid}`, stamp);
}

/** @param {string} root @param {string} folder @returns {string[]} sorted paths, relative to root */
function filesUnder(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) =>
      entry.isDirectory() ? filesUnder(root, `${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
    )
    .sort();
}
