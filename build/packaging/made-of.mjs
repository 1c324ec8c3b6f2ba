// A note beside each package with how it was made, which a release needs and the package does not contain.
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

/**
 * @typedef {object} MadeOf
 * @property {string} version
 * @property {string} buildId
 * @property {string} electron its version
 * @property {boolean} standIn made with an Electron or tools that are for tests only
 * @property {string | undefined} updateUrl the app's update feed
 * @property {string} signing how the app is signed, in words
 * @property {Record<string, number>} parts of the unpacked app, biggest first → bytes
 */

const FILE = "made-of.json";
const PARTS = 12;

/** @param {string} directory the package's own @param {MadeOf} madeOf */
export function writeMadeOf(directory, madeOf) {
  writeFileSync(join(directory, FILE), JSON.stringify(madeOf, undefined, 2) + "\n");
}

/** @param {string} directory @returns {MadeOf | undefined} */
export function readMadeOf(directory) {
  const file = join(directory, FILE);
  if (!existsSync(file)) return undefined;
  /** @type {Partial<MadeOf>} */
  const read = JSON.parse(readFileSync(file, "utf8"));
  const { version, buildId, electron, standIn, updateUrl, signing, parts } = read;
  if (version === undefined || buildId === undefined || electron === undefined)
    throw new Error(`${file} is incomplete`);
  return {
    version,
    buildId,
    electron,
    // Without a note, it counts as made with stand-ins.
    standIn: standIn !== false,
    updateUrl,
    signing: signing ?? "signing: not recorded",
    parts: parts ?? {},
  };
}

/** @param {string} directory an unpacked app */
export function partsOf(directory) {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return biggestParts(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return { path: relative(directory, path).split(sep).join("/"), size: statSync(path).size };
    }),
    PARTS,
  );
}

/**
 * Groups files into parts that readers recognise, and sums up the small ones.
 * @param {{ path: string, size: number }[]} files
 * @param {number} count
 * @returns {Record<string, number>}
 */
export function biggestParts(files, count) {
  /** @type {Record<string, number>} */
  const sizes = {};
  for (const { path, size } of files) {
    const part = partName(path);
    sizes[part] = (sizes[part] ?? 0) + size;
  }
  const sorted = Object.entries(sizes).sort(([, a], [, b]) => b - a);
  const rest = sorted.slice(count).reduce((sum, [, size]) => sum + size, 0);
  return { ...Object.fromEntries(sorted.slice(0, count)), ...(rest > 0 && { "everything else": rest }) };
}

/** The frameworks of a macOS app, the parts of the resources, and the top-level entries. @param {string} path */
function partName(path) {
  const inBundle = path.replace(/^[^/]+\.app\/Contents\//, "");
  const depth = /^(resources|Frameworks|Resources)\//.test(inBundle) ? 2 : 1;
  return inBundle.split("/").slice(0, depth).join("/");
}
