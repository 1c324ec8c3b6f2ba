// Makes a release from packages, in one directory:
//   downloads/   every package, SHA256SUMS, and its signature if there is a key
//   feed/        for updaters: latest-*.yml, the packages listed there, their block maps
//   homebrew/    cask and formula
//   notes.md, sizes.json
import { execFileSync } from "node:child_process";
import { copyFileSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { git } from "../bundle/version.mjs";
import { collectPackages } from "./collect.mjs";
import { feedFiles, isInFeed } from "./feed.mjs";
import { homebrewFiles, renderTemplate } from "./homebrew.mjs";
import { packageProblems, sourceProblems } from "./refusals.mjs";
import { notesOf, unreleasedNotes } from "./release-notes.mjs";
import { sizeReport, sizeReportText } from "./size-report.mjs";

/** @typedef {import("./collect.mjs").CollectedPackage} CollectedPackage */
/** @typedef {import("./size-report.mjs").SizeReport} SizeReport */

const TEMPLATES = fileURLToPath(new URL("../packaging/homebrew", import.meta.url));
const SIGNING_LIMIT_MS = 60_000;
const NOT_A_RELEASE = "NOT-A-RELEASE.txt";
/** What is written here, and removed before it is written again. Other files in the directory are kept. */
const MADE = ["downloads", "feed", "homebrew", "notes.md", "sizes.json", NOT_A_RELEASE];

/**
 * The problems that prevent a release of the tree at `root` as `version`.
 * @param {string} root @param {string} version
 */
export function problemsOfSource(root, version) {
  const changelog = readFileSync(join(root, "CHANGELOG.md"), "utf8");
  return sourceProblems({
    version,
    packageVersion: readManifest(root).version,
    tags: lines(git(root, "tag", "--points-at", "HEAD")),
    dirty: lines(git(root, "status", "--porcelain")).map((line) => line.trim().replace(/^\S+\s+/, "")),
    hasNotes: notesOf(changelog, version) !== undefined,
  });
}

/**
 * @param {object} what
 * @param {string} what.root the source tree
 * @param {string} what.from where the packages are
 * @param {string} what.out files of an earlier release there are removed
 * @param {string} what.version
 * @param {boolean} what.dryRun make it despite problems, and list them in it
 * @param {string[]} what.problems problems already found
 * @param {string | undefined} what.downloadUrl where the packages will be; needed for the Homebrew files
 * @param {SizeReport | undefined} what.previous
 * @param {NodeJS.ProcessEnv} what.env
 * @returns {Promise<{ made: boolean, problems: string[], notices: string[] }>}
 */
export async function makeRelease({ root, from, out, version, dryRun, problems, downloadUrl, previous, env }) {
  const packages = await collectPackages(from);
  const all = [...problems, ...packageProblems(version, packages)];
  const own = packages.find(({ path }) => MADE.some((name) => path.startsWith(join(out, name) + sep)));
  if (own !== undefined) throw new Error(`${own.path} belongs to an earlier release, which this one would replace`);
  for (const name of MADE) rmSync(join(out, name), { recursive: true, force: true });
  if (packages.length === 0 || (all.length > 0 && !dryRun)) return { made: false, problems: all, notices: [] };

  const changelog = readFileSync(join(root, "CHANGELOG.md"), "utf8");
  const notes = (notesOf(changelog, version) ?? unreleasedNotes(changelog))?.text ?? "";
  const downloads = directoryIn(out, "downloads");
  for (const one of packages) put(one.path, downloads);
  writeFeed(directoryIn(out, "feed"), packages, { version, notes, date: new Date().toISOString() });
  writeFileSync(join(out, "notes.md"), `${notes}\n`);
  const report = writeSizes(out, version, packages);
  const sums = packages.map(({ sha256, name }) => `${sha256}  ${name}\n`).join("");
  writeFileSync(join(downloads, "SHA256SUMS"), sums);
  const notices = [
    sizeReportText(report, previous),
    ...new Set(packages.flatMap(({ madeOf }) => (madeOf === undefined ? [] : [madeOf.signing, updatesOf(madeOf)]))),
    sign(join(downloads, "SHA256SUMS"), env),
    writeHomebrew(out, packages, { ...readManifest(root), version, downloadUrl }),
  ];
  if (all.length > 0) writeFileSync(join(out, NOT_A_RELEASE), all.map((problem) => `- ${problem}\n`).join(""));
  return { made: true, problems: all, notices };
}

/** @param {import("../packaging/made-of.mjs").MadeOf} madeOf */
function updatesOf({ updateUrl }) {
  return updateUrl === undefined
    ? "updates: off (packaged without --update-url or LOCKSTEP_UPDATE_URL)"
    : `updates: from ${updateUrl}`;
}

/** @param {string} to @param {CollectedPackage[]} packages @param {{ version: string, notes: string, date: string }} release */
function writeFeed(to, packages, release) {
  const named = packages
    .filter(({ artefact }) => isInFeed(artefact))
    .map(({ name: url, sha512, size, blockMapSize, artefact }) => {
      return { ...artefact, entry: { url, sha512, size, ...(blockMapSize !== undefined && { blockMapSize }) } };
    });
  for (const [file, text] of Object.entries(feedFiles(named, release))) writeFileSync(join(to, file), text);
  for (const { path, blockMap, artefact } of packages) {
    if (!isInFeed(artefact)) continue;
    put(path, to);
    if (blockMap !== undefined) put(blockMap, to);
  }
}

/** @param {string} out @param {string} version @param {CollectedPackage[]} packages */
function writeSizes(out, version, packages) {
  const artefacts = packages.map(({ artefact, size }) => ({ kind: artefact.kind, arch: artefact.arch, size }));
  // The app is the same in each, so the first with a note is used.
  const parts = packages.find(({ madeOf }) => madeOf !== undefined)?.madeOf?.parts ?? {};
  const report = sizeReport(version, artefacts, parts);
  writeFileSync(join(out, "sizes.json"), JSON.stringify(report, undefined, 2) + "\n");
  return report;
}

/** @param {string} file @param {NodeJS.ProcessEnv} env @returns {string} what was done */
function sign(file, env) {
  const key = env["LOCKSTEP_GPG_KEY"];
  if (!key) return "SHA256SUMS: not signed (LOCKSTEP_GPG_KEY names no key)";
  const args = ["--batch", "--yes", "--armor", "--local-user", key, "--output", `${file}.asc`, "--detach-sign", file];
  execFileSync("gpg", args, { env, timeout: SIGNING_LIMIT_MS, stdio: ["ignore", "ignore", "inherit"] });
  return `SHA256SUMS: signed with ${key}`;
}

/**
 * @param {string} out
 * @param {CollectedPackage[]} packages
 * @param {{ version: string, downloadUrl: string | undefined, homepage: string, description: string, license: string }} release
 * @returns {string} what was done
 */
function writeHomebrew(out, packages, { downloadUrl, version, homepage, description, license }) {
  if (downloadUrl === undefined) return "Homebrew: no files (give --download-url or LOCKSTEP_DOWNLOAD_URL)";
  const artefacts = packages.map(({ artefact, sha256 }) => ({ kind: artefact.kind, arch: artefact.arch, sha256 }));
  const files = homebrewFiles(artefacts, { version, downloadUrl, homepage, description, license });
  if (files.length === 0) return "Homebrew: no files (the cask needs both .dmg, the formula the npm package)";
  const to = directoryIn(out, "homebrew");
  const written = files.map(({ template, values }) => {
    const name = template.replace(/\.template$/, "");
    writeFileSync(join(to, name), renderTemplate(readFileSync(join(TEMPLATES, template), "utf8"), values));
    return name;
  });
  return `Homebrew: ${written.join(", ")}`;
}

/** @param {string} root @returns {{ version: string, homepage: string, description: string, license: string }} */
function readManifest(root) {
  /** @type {{ version: string, homepage: string, description: string, license: string }} */
  const { version, homepage, description, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return { version, homepage, description, license };
}

/** @param {string} out @param {string} name */
function directoryIn(out, name) {
  const path = join(out, name);
  mkdirSync(path, { recursive: true });
  return path;
}

/** As a hard link where possible, since the packages have gigabytes. @param {string} path @param {string} directory */
function put(path, directory) {
  const to = join(directory, basename(path));
  try {
    linkSync(path, to);
  } catch {
    copyFileSync(path, to);
  }
}

/** @param {string | undefined} text */
function lines(text) {
  return text ? text.split("\n") : [];
}
