// Homebrew's two files: a cask for the app and a formula for the command line.

/**
 * The files that can be written, with their values. The cask has one address for both architectures, so it needs both
 * packages.
 * @param {{ kind: string, arch: string | undefined, sha256: string }[]} artefacts
 * @param {{ version: string, downloadUrl: string, homepage: string, description: string, license: string }} release
 * @returns {{ template: string, values: Record<string, string> }[]}
 */
export function homebrewFiles(artefacts, release) {
  const sha256 = (/** @type {string} */ kind, /** @type {string | undefined} */ arch) =>
    artefacts.find((one) => one.kind === kind && one.arch === arch)?.sha256;
  const common = {
    VERSION: release.version,
    DOWNLOAD_URL: release.downloadUrl.replace(/\/+$/, ""),
    HOMEPAGE: release.homepage,
    // Homebrew requires it without a full stop.
    DESCRIPTION: release.description.replace(/\.$/, ""),
  };
  const files = [];
  const [arm64, x64, npm] = [sha256("dmg", "arm64"), sha256("dmg", "x64"), sha256("npm", undefined)];
  if (arm64 !== undefined && x64 !== undefined) {
    const values = { ...common, SHA256_DMG_ARM64: arm64, SHA256_DMG_X64: x64 };
    files.push({ template: "lockstep-app.rb.template", values });
  }
  if (npm !== undefined) {
    const values = { ...common, SHA256_NPM: npm, LICENSE: release.license };
    files.push({ template: "lockstep.rb.template", values });
  }
  return files;
}

/**
 * Replaces each `@NAME@`. Throws an Error for a missing value, an unused one, and one that would end its Ruby string.
 * @param {string} template
 * @param {Record<string, string>} values
 */
export function renderTemplate(template, values) {
  const used = new Set();
  const text = template.replace(/@([A-Z][A-Z0-9_]*)@/g, (_, /** @type {string} */ name) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the template needs @${name}@, which has no value`);
    if (/["\\\n]|#\{/.test(value))
      throw new Error(`@${name}@ would be ${JSON.stringify(value)}, which Ruby would misread`);
    used.add(name);
    return value;
  });
  const unused = Object.keys(values).filter((name) => !used.has(name));
  if (unused.length > 0) throw new Error(`the template has no @${unused.join("@, @")}@`);
  return text;
}
