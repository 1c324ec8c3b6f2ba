// The feed that the app asks for updates: one file for each channel of electron-updater, which names the packages.
// Pure. electron-builder writes such files too, one for each package; a release is one feed over all of them.

/**
 * @typedef {object} FeedEntry
 * @property {string} url the file's name: it lies beside the feed
 * @property {string} sha512 base64
 * @property {number} size bytes
 * @property {number} [blockMapSize] of the map that an AppImage carries at its end, from which only changed blocks are fetched
 */

/** @typedef {import("./artefact-names.mjs").ArtefactName & { entry: FeedEntry }} FeedPackage */

/** What an updater can install, the one that old updaters find first. A .dmg is for people, and not among it. */
const INSTALLABLE = /** @type {const} */ (["appimage", "deb", "zip"]);

/** @param {import("./artefact-names.mjs").ArtefactName} artefact */
export function isInFeed({ kind }) {
  return INSTALLABLE.some((installable) => installable === kind);
}

/**
 * The file in which electron-updater looks: Linux has one for each architecture, macOS one for both.
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
 * YAML of which every value is written as in JSON, which YAML contains: no value can be taken for something else.
 * @param {FeedPackage[]} packages @param {{ version: string, notes: string, date: string }} release
 */
function feedText(packages, { version, notes, date }) {
  const sorted = packages.toSorted((a, b) => rank(a) - rank(b));
  const entries = sorted.map(({ entry }) => entry);
  const [first] = entries;
  if (first === undefined) throw new Error("a feed names at least one package");
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
