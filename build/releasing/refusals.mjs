// The reasons against a release, each with a way to fix it.

/**
 * @typedef {object} SourceFacts
 * @property {string} version the requested one
 * @property {string} packageVersion the one in package.json
 * @property {string[]} tags those on the commit
 * @property {string[]} dirty files that differ from the commit
 * @property {boolean} hasNotes CHANGELOG.md has a section of the version
 */

/** @param {SourceFacts} facts @returns {string[]} */
export function sourceProblems({ version, packageVersion, tags, dirty, hasNotes }) {
  const problems = [];
  if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version)) {
    problems.push(`${version} is not a version: use MAJOR.MINOR.PATCH or MAJOR.MINOR.PATCH-rc.1`);
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
 * @property {import("../packaging/made-of.mjs").MadeOf | undefined} madeOf how it was made; an npm package has no such note
 * @property {boolean} isElf whether it starts as a program, as an AppImage with the real runtime does
 */

/** @param {string} version @param {PackageFacts[]} packages @returns {string[]} */
export function packageProblems(version, packages) {
  if (packages.length === 0) return ["there are no packages"];
  const problems = [];
  for (const { name, artefact, madeOf, isElf } of packages) {
    if (artefact.version !== version) problems.push(`${name} is version ${artefact.version}, not ${version}`);
    if (artefact.kind === "npm") continue;
    if (madeOf === undefined) {
      problems.push(`${name}: it is not known how it was made; make it with npm run package`);
    } else if (madeOf.standIn) {
      problems.push(`${name} was made with stand-ins (Electron ${madeOf.electron}): it is for tests only`);
    }
    if (artefact.kind === "appimage" && !isElf && madeOf?.standIn !== true) {
      problems.push(`${name} does not start as a program: its runtime is a stand-in`);
    }
  }
  // Packages of one system may be installed side by side, where two builds of one version would replace each other.
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
