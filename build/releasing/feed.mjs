// The update feed: a file for each channel of electron-updater, which lists the packages. electron-builder writes such
// files too, but one per package; a release has one feed for all packages.

/**
 * @typedef {object} FeedEntry
 * @property {string} url the file's name, which is beside the feed
 * @property {string} sha512 base64
 * @property {number} size bytes
 * @property {number} [blockMapSize] of the block map at the end of an AppImage, with which only changed blocks are downloaded
 */

/** @typedef {import("./artefact-names.mjs").ArtefactName & { entry: FeedEntry }} FeedPackage */

/** What an updater can install; old updaters take the first. A .dmg is only for manual installation. */
const INSTALLABLE = /** @type {const} */ (["appimage", "deb", "zip"]);

/** @param {import("./artefact-names.mjs").ArtefactName} artefact */
export function isInFeed({ kind }) {
  return INSTALLABLE.some((installable) => installable === kind);
}

/**
 * The file that electron-updater reads: one per architecture on Linux, one for both on macOS.
 * @param {import("./artefact-names.mjs").ArtefactName} artefact
 */
function feedFileOf({ kind, arch }) {
  if (kind === "zip") return "latest-mac.yml";
  return arch === "arm64" ? "latest-linux-arm64.yml" : "latest-linux.yml";
}

/**
 * @param {FeedPackage[]} packages
 * @param {{ version: string, notes: string, date: string }} release
 * @returns {Record<string, string>} file name → its text
 */
export function feedFiles(packages, release) {
  /** @type {Record<string, FeedPackage[]>} */
  const files = {};
  for (const one of packages.filter(isInFeed)) (files[feedFileOf(one)] ??= []).push(one);
  return Object.fromEntries(Object.entries(files).map(([name, named]) => [name, feedText(named, release)]));
}

/**
 * YAML with every value written as JSON, which is valid YAML and unambiguous.
 * @param {FeedPackage[]} packages @param {{ version: string, notes: string, date: string }} release
 */
function feedText(packages, { version, notes, date }) {
  const sorted = packages.toSorted((a, b) => rank(a) - rank(b));
  const entries = sorted.map(({ entry }) => entry);
  const [first] = entries;
  if (first === undefined) throw new Error("a feed needs at least one package");
  const lines = [`version: ${JSON.stringify(version)}`, "files:"];
  for (const { url, sha512, size, blockMapSize } of entries) {
    lines.push(`  - url: ${JSON.stringify(url)}`, `    sha512: ${JSON.stringify(sha512)}`, `    size: ${size}`);
    if (blockMapSize !== undefined) lines.push(`    blockMapSize: ${blockMapSize}`);
  }
  lines.push(`path: ${JSON.stringify(first.url)}`, `sha512: ${JSON.stringify(first.sha512)}`);
  lines.push(`releaseNotes: ${JSON.stringify(notes)}`, `releaseDate: ${JSON.stringify(date)}`);
  return lines.join("\n") + "\n";
}

/** @param {FeedPackage} one */
function rank({ kind, arch }) {
  return INSTALLABLE.findIndex((installable) => installable === kind) * 2 + (arch === "arm64" ? 1 : 0);
}
