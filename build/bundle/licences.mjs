// dist/THIRD-PARTY-LICENSES.txt: the packages inside the bundles, with their licences. The list comes from esbuild, so
// that no package can be forgotten.
import { readFileSync, readdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";

/** Shipped as separate packages beside the bundles. */
const BESIDE = ["koffi"];

/** Packages that name their licence in package.json or in their readme but ship no text of it. */
const TEXT_MISSING = new Map([
  ["electron-positioner", "MIT"],
  ["lazy-val", "MIT"],
  ["@modelcontextprotocol/server-memory", "MIT"],
]);

/** @typedef {{ name: string, version: string, licence: string, directory: string }} ThirdParty */

/**
 * The text of the file. Throws an Error that names each package without a licence text.
 * @param {string} root
 * @param {import("esbuild").Metafile[]} metafiles
 */
export function thirdPartyLicences(root, metafiles) {
  const packages = bundledPackages(root, metafiles);
  for (const name of BESIDE) packages.push(readPackage(join(root, "node_modules", name)));
  packages.sort((a, b) => (a.name === b.name ? (a.version < b.version ? -1 : 1) : a.name < b.name ? -1 : 1));
  const parts = packages.map((one) => ({ ...one, text: licenceText(root, one) }));
  const silent = parts.filter(({ text }) => text === undefined);
  if (silent.length > 0) {
    const list = silent.map(({ name, version, directory }) => `  ${name} ${version} (${relative(root, directory)})`);
    throw new Error(
      `these packages are part of dist/ and have no licence text:\n${list.join("\n")}\n` +
        "If a package names its licence elsewhere, add it to TEXT_MISSING in build/bundle/licences.mjs; otherwise remove the package.",
    );
  }
  const rule = "=".repeat(80);
  return [
    "Lockstep contains, or is shipped with, the following third-party software.",
    ...parts.map(({ name, version, licence, text }) => `${rule}\n${name} ${version}\nLicence: ${licence}\n\n${text}`),
  ].join("\n\n");
}

/**
 * Every npm package with a file in a bundle, each version once.
 * @param {string} root
 * @param {import("esbuild").Metafile[]} metafiles
 * @returns {ThirdParty[]}
 */
export function bundledPackages(root, metafiles) {
  const inputs = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs)),
  );
  const directories = inputs.flatMap((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []);
  const packages = [...new Set(directories)].map((directory) => readPackage(resolve(root, directory)));
  return [...new Map(packages.map((one) => [`${one.name} ${one.version}`, one])).values()];
}

/** @param {string} directory @returns {ThirdParty} */
function readPackage(directory) {
  /** @type {{ name: string, version: string, license?: string }} */
  const { name, version, license } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  return { name, version, licence: TEXT_MISSING.get(name) ?? license ?? "see below", directory };
}

/** @param {string} root @param {ThirdParty} thirdParty */
function licenceText(root, { name, directory }) {
  const files = readdirSync(directory).filter((file) => /^(licen[cs]e|copying|notice)(\.(md|txt))?$/i.test(file));
  const texts = files.sort().map((file) => readFileSync(join(directory, file), "utf8").trim());
  if (files.some((file) => !/^notice/i.test(file))) return `${texts.join("\n\n")}\n`;
  const licence = TEXT_MISSING.get(name);
  if (licence === undefined) return undefined;
  const known = readFileSync(join(root, `build/bundle/licences/${licence}.txt`), "utf8");
  return `Copyright (c) ${authorOf(directory)}\n\n${known.trim()}\n`;
}

/** @param {string} directory */
function authorOf(directory) {
  /** @type {{ name: string, author?: string | { name: string } }} */
  const { name, author } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  return (typeof author === "string" ? author.replace(/ [<(].*$/, "") : author?.name) ?? `the authors of ${name}`;
}
