// What CHANGELOG.md says about a version. Its sections are `## Unreleased` and `## 1.2.3`, with a date or without:
// `## 1.2.3 (2026-11-23)`.

/** @typedef {{ section: string, text: string }} Notes */

/**
 * @param {string} changelog
 * @param {string} version
 * @returns {Notes | undefined} undefined: it has no section of that version, or an empty one
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

/** A trial needs notes before its section is named. @param {string} changelog */
export function unreleasedNotes(changelog) {
  return notesOf(changelog, "Unreleased");
}
