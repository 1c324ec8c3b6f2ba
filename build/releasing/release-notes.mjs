// The notes of a version in CHANGELOG.md. Its sections are `## Unreleased` and `## 1.2.3`, with a date or without:
// `## 1.2.3 (2026-11-23)`.

/** @typedef {{ section: string, text: string }} Notes */

/**
 * @param {string} changelog
 * @param {string} version
 * @returns {Notes | undefined} undefined when its section is missing or empty
 */
export function notesOf(changelog, version) {
  const [, ...sections] = changelog.split(/^## +/m);
  for (const section of sections) {
    const heading = section.split("\n", 1)[0] ?? "";
    const [name = ""] = heading.replace(/^\[(.+?)\]/, "$1").split(/[\s(]/, 1);
    const text = section.slice(heading.length).trim();
    if (name.replace(/^v(?=\d)/, "") === version && text !== "") return { section: heading.trim(), text };
  }
  return undefined;
}

/** A dry run has notes before their section has its name. @param {string} changelog */
export function unreleasedNotes(changelog) {
  return notesOf(changelog, "Unreleased");
}
