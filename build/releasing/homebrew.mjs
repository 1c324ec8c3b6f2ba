// Homebrew's two files: a cask for the app, a formula for the command line alone. Pure.

/**
 * Which of the two can be written, and with which values. The cask has one address for both kinds of Mac, so it needs
 * the packages of both.
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
    // Homebrew wants it without the full stop.
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
 * Fills `@NAME@`. Throws when the template wants what is not there, when it has no place for what is, and when a value
 * would end the Ruby string that it stands in.
 * @param {string} template
 * @param {Record<string, string>} values
 */
export function renderTemplate(template, values) {
  const used = new Set();
  const text = template.replace(/@([A-Z][A-Z0-9_]*)@/g, (_, /** @type {string} */ name) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the template wants @${name}@, and nothing is known of it`);
    if (/["\\\n]|#\{/.test(value))
      throw new Error(`@${name}@ would be ${JSON.stringify(value)}, which Ruby would misread`);
    used.add(name);
    return value;
  });
  const unused = Object.keys(values).filter((name) => !used.has(name));
  if (unused.length > 0) throw new Error(`the template has no @${unused.join("@, @")}@`);
  return text;
}
