// Makes a release: `npm run release -- --version X [--check] [--from DIR] [--out DIR] [--dry-run] [--skip-tests]
// [--update-url URL] [--download-url URL] [--previous SIZES.json]`. Checks, tests, builds, packages for this system, and
// collects what is to be published, but publishes nothing. With --from it takes existing packages, made on several
// systems; with --check it only reports problems.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { makeRelease, problemsOfSource } from "./releasing/make-release.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
const TARGETS = process.platform === "darwin" ? ["npm", "dmg", "zip"] : ["npm", "appimage", "deb", "tar.gz"];
const TESTS_LIMIT_MS = 40 * 60_000;
const PACKAGING_LIMIT_MS = 40 * 60_000;

const options = readOptions();
const { version, dryRun } = options;
const problems = problemsOfSource(ROOT, version);
// The other steps take long and would be useless.
if (problems.length > 0 && !dryRun) refuse(problems);
if (options.check) {
  console.log(problems.length === 0 ? `this tree can be released as ${version}` : problems.join("\n"));
  process.exit(0);
}
const from = options.from ?? makePackages();
const {
  made,
  problems: all,
  notices,
} = await makeRelease({ root: ROOT, ...options, from, problems, env: process.env });
if (!made) refuse(all);
for (const line of notices) console.log(line);
if (options.skipTests) console.log("\n!!! THE TESTS WERE SKIPPED: it is not known whether this release works.");
if (all.length > 0) {
  console.log(`\nA trial of ${version} is in ${options.out}. It is NOT a release:`);
  for (const problem of all) console.log(`  - ${problem}`);
} else {
  console.log(`\n${version} is in ${options.out}`);
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      version: { type: "string" },
      check: { type: "boolean", default: false },
      from: { type: "string" },
      out: { type: "string", default: "release" },
      "dry-run": { type: "boolean", default: false },
      "skip-tests": { type: "boolean", default: false },
      "update-url": { type: "string" },
      "download-url": { type: "string" },
      previous: { type: "string" },
    },
  });
  if (values.version === undefined) {
    console.error(
      "usage: npm run release -- --version X [--check] [--from DIR] [--out DIR] [--dry-run] [--skip-tests]",
    );
    process.exit(2);
  }
  return {
    version: values.version,
    check: values.check,
    from: values.from === undefined ? undefined : resolve(values.from),
    out: resolve(values.out),
    dryRun: values["dry-run"],
    skipTests: values["skip-tests"],
    updateUrl: values["update-url"],
    downloadUrl: values["download-url"] ?? (process.env["LOCKSTEP_DOWNLOAD_URL"] || undefined),
    previous: values.previous === undefined ? undefined : readSizes(values.previous),
  };
}

/** @returns {string} their directory */
function makePackages() {
  if (!options.skipTests) run("the tests", ["build/test.mjs"], TESTS_LIMIT_MS);
  const out = join(ROOT, ".cache/release-packages");
  rmSync(out, { recursive: true, force: true });
  const args = ["build/package.mjs", ...TARGETS, "--version", version, "--out", out];
  if (options.updateUrl !== undefined) args.push("--update-url", options.updateUrl);
  run("packaging", args, PACKAGING_LIMIT_MS);
  return out;
}

/** @param {string} what @param {string[]} args @param {number} timeout ms */
function run(what, args, timeout) {
  const { status, error, signal } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: "inherit", timeout });
  if (status === 0) return;
  refuse([`${what} failed: ${error?.message ?? (signal === null ? `exit ${String(status)}` : `ended by ${signal}`)}`]);
}

/** @param {string} file */
function readSizes(file) {
  /** @type {import("./releasing/size-report.mjs").SizeReport} */
  const sizes = JSON.parse(readFileSync(file, "utf8"));
  return sizes;
}

/** @param {string[]} reasons @returns {never} */
function refuse(reasons) {
  console.error(`${version} cannot be released:`);
  for (const reason of reasons) console.error(`  - ${reason}`);
  process.exit(1);
}
