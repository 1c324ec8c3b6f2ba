// Parses the file names of packages, which the packaging's configuration sets. A package's name decides which feed lists
// it and which Homebrew file refers to it.

/** @typedef {"appimage" | "deb" | "tar.gz" | "dmg" | "zip" | "npm"} ArtefactKind */

/** @typedef {{ kind: ArtefactKind, arch: "x64" | "arm64" | undefined, version: string }} ArtefactName */

/** @type {[ArtefactKind, RegExp][]} */
const NAMES = [
  ["appimage", /^Lockstep-(?<version>.+)-(?<arch>x86_64|arm64)\.AppImage$/],
  ["deb", /^lockstep-(?<version>.+)-linux-(?<arch>amd64|arm64)\.deb$/],
  ["tar.gz", /^lockstep-(?<version>.+)-linux-(?<arch>x64|arm64)\.tar\.gz$/],
  ["dmg", /^Lockstep-(?<version>.+)-mac-(?<arch>x64|arm64)\.dmg$/],
  ["zip", /^Lockstep-(?<version>.+)-mac-(?<arch>x64|arm64)\.zip$/],
  ["npm", /^lockstep-(?<version>\d[^/]*)\.tgz$/],
];

/**
 * @param {string} fileName
 * @returns {ArtefactName | undefined} undefined for any other file
 */
export function readArtefactName(fileName) {
  for (const [kind, form] of NAMES) {
    const { version, arch } = form.exec(fileName)?.groups ?? {};
    if (version === undefined) continue;
    return { kind, version, arch: arch === undefined ? undefined : arch === "arm64" ? "arm64" : "x64" };
  }
  return undefined;
}
