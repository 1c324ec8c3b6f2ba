// Why this must not be called a release. Pure: facts come in, sentences go out, each with its mend.

/**
 * @typedef {object} SourceFacts
 * @property {string} version what was asked for
 * @property {string} packageVersion package.json's
 * @property {string[]} tags those on the commit
 * @property {string[]} dirty files that differ from the commit
 * @property {boolean} hasNotes CHANGELOG.md has a section of the version
 */

/** @param {SourceFacts} facts @returns {string[]} */
export function sourceProblems({ version, packageVersion, tags, dirty, hasNotes }) {
  const problems = [];
  if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version)) {
    problems.push(`${version} is no version: it is MAJOR.MINOR.PATCH, or MAJOR.MINOR.PATCH-rc.1`);
  }
  if (packageVersion !== version) {
    problems.push(`package.json says ${packageVersion}, not ${version}: npm version --no-git-tag-version ${version}`);
  }
  if (!tags.includes(`v${version}`)) {
    const others = tags.length > 0 ? `, which is tagged ${tags.join(", ")}` : "";
    problems.push(`the tag v${version} is not on this commit${others}: git tag -s v${version}`);
  }
  if (dirty.length > 0) {
    const more = dirty.length > 5 ? ` and ${dirty.length - 5} more` : "";
    problems.push(`not committed: ${dirty.slice(0, 5).join(", ")}${more}`);
  }
  if (!hasNotes) {
    problems.push(`CHANGELOG.md has no section "## ${version}": rename "## Unreleased", and begin a new one above it`);
  }
  return problems;
}

/**
 * @typedef {object} PackageFacts
 * @property {string} name
 * @property {import("./artefact-names.mjs").ArtefactName} artefact
 * @property {import("../packaging/made-of.mjs").MadeOf | undefined} madeOf what its maker noted; an npm package needs no note
 * @property {boolean} isElf an AppImage begins with its runtime, and the real one is a program
 */

/** @param {string} version @param {PackageFacts[]} packages @returns {string[]} */
export function packageProblems(version, packages) {
  if (packages.length === 0) return ["there are no packages"];
  const problems = [];
  for (const { name, artefact, madeOf, isElf } of packages) {
    if (artefact.version !== version) problems.push(`${name} is of ${artefact.version}, not of ${version}`);
    if (artefact.kind === "npm") continue;
    if (madeOf === undefined) {
      problems.push(`${name}: nothing tells what it was made of; make it with npm run package`);
    } else if (madeOf.standIn) {
      problems.push(`${name} was made with stand-ins (Electron ${madeOf.electron}): it is good for tests only`);
    }
    if (artefact.kind === "appimage" && !isElf && madeOf?.standIn !== true) {
      problems.push(`${name} begins with no program: its runtime is a stand-in`);
    }
  }
  // Packages of one system meet on one machine; two builds under one version would call each other stale there.
  for (const [system, found] of Object.entries(buildsOf(packages))) {
    if (found.size > 1)
      problems.push(`the packages for ${system} hold different builds: ${[...found].sort().join(", ")}`);
  }
  return problems;
}

/** @param {PackageFacts[]} packages */
function buildsOf(packages) {
  /** @type {Record<string, Set<string>>} */
  const builds = {};
  for (const { artefact, madeOf } of packages) {
    if (madeOf === undefined) continue;
    const system = `${/^(dmg|zip)$/.test(artefact.kind) ? "macOS" : "Linux"} ${artefact.arch ?? ""}`;
    (builds[system] ??= new Set()).add(madeOf.buildId);
  }
  return builds;
}
