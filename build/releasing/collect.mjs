// Finds the packages of a release anywhere under a directory, and reads sizes, hashes and notes.
import { createHash } from "node:crypto";
import { closeSync, createReadStream, existsSync, openSync, readSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { readMadeOf } from "../packaging/made-of.mjs";
import { readArtefactName } from "./artefact-names.mjs";

/**
 * @typedef {object} CollectedPackage
 * @property {string} path
 * @property {string} name
 * @property {import("./artefact-names.mjs").ArtefactName} artefact
 * @property {import("../packaging/made-of.mjs").MadeOf | undefined} madeOf
 * @property {boolean} isElf
 * @property {number} size bytes
 * @property {string} sha256 hex
 * @property {string} sha512 base64
 * @property {number | undefined} blockMapSize of the block map at the end of an AppImage
 * @property {string | undefined} blockMap the block map's file, for other packages
 */

const UNPACKED_APP = /(-unpacked|\.app)$/;
const ELF = Buffer.from("\x7fELF", "latin1");

/** @param {string} directory @returns {Promise<CollectedPackage[]>} sorted by name */
export async function collectPackages(directory) {
  /** @type {CollectedPackage[]} */
  const packages = [];
  for (const path of filesUnder(directory)) {
    const name = basename(path);
    const artefact = readArtefactName(name);
    if (artefact === undefined) continue;
    const { size } = statSync(path);
    packages.push({
      path,
      name,
      artefact,
      madeOf: readMadeOf(dirname(path)),
      isElf: bytesAt(path, 0, ELF.length).equals(ELF),
      size,
      ...(await hashes(path)),
      blockMapSize: artefact.kind === "appimage" ? embeddedMapSize(path, size) : undefined,
      blockMap: existsSync(`${path}.blockmap`) ? `${path}.blockmap` : undefined,
    });
  }
  packages.sort((a, b) => (a.name < b.name ? -1 : 1));
  const twice = packages.find(({ name }, index) => packages[index + 1]?.name === name);
  if (twice !== undefined) throw new Error(`${twice.name} exists twice under ${directory}: ${twice.path} and another`);
  return packages;
}

/** @param {string} directory @returns {string[]} */
function filesUnder(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return UNPACKED_APP.test(entry.name) ? [] : filesUnder(path);
    return entry.isFile() ? [path] : [];
  });
}

/** Both in one pass, since a package has up to 250 MB. @param {string} path */
async function hashes(path) {
  const sha256 = createHash("sha256");
  const sha512 = createHash("sha512");
  /** @type {AsyncIterable<Buffer>} */
  const chunks = createReadStream(path, { highWaterMark: 1 << 20 });
  for await (const chunk of chunks) {
    sha256.update(chunk);
    sha512.update(chunk);
  }
  return { sha256: sha256.digest("hex"), sha512: sha512.digest("base64") };
}

/** The last four bytes are the length of the map before them. @param {string} path @param {number} size */
function embeddedMapSize(path, size) {
  const mapSize = size < 4 ? 0 : bytesAt(path, size - 4, 4).readUInt32BE();
  if (mapSize === 0 || mapSize > size - 4)
    throw new Error(`${path} has no block map at its end: it is incomplete or was changed`);
  return mapSize;
}

/** @param {string} path @param {number} position @param {number} length */
function bytesAt(path, position, length) {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, position));
  } finally {
    closeSync(file);
  }
}
