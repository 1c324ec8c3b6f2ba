// The test files of a run, and what of them cannot run on this machine.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { electronIsInPlace } from "../electron/electron-dist.mjs";
import { isNeededBy, missingNeeds, WITH_ELECTRON } from "./system-packages.mjs";

/** Each suite's directories. */
const SUITES = /** @type {const} */ ({
  unit: ["test/unit", "test/model"],
  integration: ["test/integration"],
  e2e: ["test/e2e"],
});

/** @typedef {keyof typeof SUITES} Suite */

export const suiteNames = /** @type {Suite[]} */ (Object.keys(SUITES));

/**
 * The files that vitest runs, relative to `root`.
 * @param {string} root
 * @param {readonly Suite[]} suites
 * @param {readonly string[]} vitestArgs of these, words without a dash are parts of file names
 * @returns {string[]}
 */
export function testFiles(root, suites, vitestArgs = []) {
  const words = vitestArgs.filter((word) => !word.startsWith("-"));
  const all = suites
    .flatMap((suite) => SUITES[suite])
    .flatMap((directory) =>
      readdirSync(join(root, directory), { recursive: true, encoding: "utf8" }).map((name) => `${directory}/${name}`),
    )
    .filter((file) => file.endsWith(".test.ts"))
    .sort();
  const named = all.filter((file) => words.some((word) => file.includes(word) || join(root, file).includes(word)));
  // A word may also be an option's value, and then it is part of no name.
  return named.length > 0 ? named : all;
}

/** Unit tests run on the sources, even when these do not build. @param {string} file */
export function needsDist(file) {
  return !SUITES.unit.some((directory) => file.startsWith(`${directory}/`));
}

/** Whether a file's tests need Electron. @param {string} file */
export function needsElectron(file) {
  return WITH_ELECTRON.some((path) => file === path || file.startsWith(`${path}/`));
}

/**
 * Why a file's tests can't run here; undefined if they can.
 * @param {string} file
 * @returns {string | undefined}
 */
export function whyNotRunnable(file) {
  const missing = missingNeeds("test", [file]).find((need) => !need.optional && isNeededBy(need, file) === "whole");
  if (missing !== undefined) return `${missing.name} is missing`;
  return needsElectron(file) && !electronIsInPlace() ? "Electron is missing" : undefined;
}

/**
 * One line for each file, or directory of files, of which something can't run here: what is missing, in which package.
 * @param {readonly string[]} files
 * @param {(need: import("./system-packages.mjs").SystemNeed) => string} packageName
 * @returns {string[]}
 */
export function linesOfSkipped(files, packageName) {
  /** @type {Map<string, { whole: boolean, what: string[], files: Set<string> }>} */
  const skipped = new Map();
  const note = (/** @type {string} */ file, /** @type {string} */ what, /** @type {boolean} */ whole) => {
    const place = file.startsWith("test/e2e/tray/") ? "test/e2e/tray" : file;
    const entry = skipped.get(place) ?? { whole: false, what: [], files: new Set() };
    skipped.set(place, entry);
    entry.files.add(file);
    entry.whole ||= whole;
    if (!entry.what.includes(what)) entry.what.push(what);
  };
  for (const need of missingNeeds("test", files)) {
    const what = `${need.name} (package ${packageName(need)})`;
    for (const file of files) {
      const how = isNeededBy(need, file);
      if (how !== undefined) note(file, what, how === "whole" && !need.optional);
    }
  }
  if (!electronIsInPlace()) for (const file of files.filter(needsElectron)) note(file, "Electron", true);
  return [...skipped].map(
    ([place, { whole, what, files: of }]) =>
      `SKIPPED: ${whole ? "" : "some tests of "}${place}${of.size > 1 ? ` (${of.size} files)` : ""}, for want of ${what.join(", ")}`,
  );
}
