import { describe, expect, it } from "vitest";

import { biggestParts } from "../../../build/packaging/made-of.mjs";
import { readArtefactName, type ArtefactName } from "../../../build/releasing/artefact-names.mjs";
import { homebrewFiles, renderTemplate } from "../../../build/releasing/homebrew.mjs";
import {
  packageProblems,
  sourceProblems,
  type PackageFacts,
  type SourceFacts,
} from "../../../build/releasing/refusals.mjs";
import { notesOf } from "../../../build/releasing/release-notes.mjs";
import { sizeReport, sizeReportText } from "../../../build/releasing/size-report.mjs";

describe("the notes of a version", () => {
  const changelog = [
    "# Changelog\n\nWhat users notice.",
    "## Unreleased\n\n- not yet",
    "## 1.10.0 (2026-11-23)\n\n- ten\n\n### Fixed\n\n- a thing",
    "## [1.1.0] - 2026-10-01\n- one",
    "## v1.0.0-rc.1\n\n- candidate",
    "## 1.0.0\n\n",
  ].join("\n\n");

  it.each([
    ["1.10.0", "- ten\n\n### Fixed\n\n- a thing"],
    ["1.1.0", "- one"],
    ["1.0.0-rc.1", "- candidate"],
    ["Unreleased", "- not yet"],
    ["1.0.0", undefined],
    ["1.1", undefined],
    ["2.0.0", undefined],
  ])("%s", (version, text) => expect(notesOf(changelog, version)?.text).toBe(text));
});

it.each<[string, ArtefactName | undefined]>([
  ["Lockstep-1.2.3-x86_64.AppImage", { kind: "appimage", arch: "x64", version: "1.2.3" }],
  ["Lockstep-1.2.3-rc.1-arm64.AppImage", { kind: "appimage", arch: "arm64", version: "1.2.3-rc.1" }],
  ["lockstep-1.2.3-linux-amd64.deb", { kind: "deb", arch: "x64", version: "1.2.3" }],
  ["lockstep-1.2.3-linux-arm64.tar.gz", { kind: "tar.gz", arch: "arm64", version: "1.2.3" }],
  ["Lockstep-1.2.3-mac-arm64.dmg", { kind: "dmg", arch: "arm64", version: "1.2.3" }],
  ["Lockstep-1.2.3-mac-x64.zip", { kind: "zip", arch: "x64", version: "1.2.3" }],
  ["lockstep-1.2.3.tgz", { kind: "npm", arch: undefined, version: "1.2.3" }],
  ["Lockstep-1.2.3-mac-x64.zip.blockmap", undefined],
  ["latest-linux.yml", undefined],
])("what %s is", (name, artefact) => expect(readArtefactName(name)).toEqual(artefact));

describe("refusals of a release", () => {
  const good: SourceFacts = { version: "1.2.3", packageVersion: "1.2.3", tags: ["v1.2.3"], dirty: [], hasNotes: true };

  it.each<[string, Partial<SourceFacts>, RegExp[]]>([
    ["a tagged commit that names the version everywhere", {}, []],
    ["a candidate", { version: "1.2.3-rc.1", packageVersion: "1.2.3-rc.1", tags: ["v1.2.3-rc.1"] }, []],
    ["no version", { version: "v1.2", packageVersion: "v1.2", tags: ["vv1.2"] }, [/v1\.2 is not a version/]],
    ["another version", { packageVersion: "1.2.2" }, [/package\.json says 1\.2\.2, not 1\.2\.3: npm version/]],
    ["another tag", { tags: ["v1.2.2"] }, [/v1\.2\.3 is not on this commit, which is tagged v1\.2\.2/]],
    ["changed files", { dirty: ["a", "b", "c", "d", "e", "f", "g"] }, [/not committed: a, b, c, d, e and 2 more/]],
    [
      "no section, and no tag",
      { hasNotes: false, tags: [] },
      [/not on this commit: git tag/, /no section "## 1\.2\.3"/],
    ],
  ])("%s", (_, facts, problems) => {
    const found = sourceProblems({ ...good, ...facts });
    expect(found).toHaveLength(problems.length);
    problems.forEach((problem, index) => expect(found[index]).toMatch(problem));
  });

  const madeOf = {
    version: "1.2.3",
    buildId: "aa",
    electron: "45.4.1",
    standIn: false,
    updateUrl: undefined,
    signing: "",
    parts: {},
  };
  const appImage: PackageFacts = {
    name: "Lockstep-1.2.3-x86_64.AppImage",
    artefact: { kind: "appimage", arch: "x64", version: "1.2.3" },
    madeOf,
    isElf: true,
  };
  const deb: PackageFacts = { name: "d.deb", artefact: { ...appImage.artefact, kind: "deb" }, madeOf, isElf: false };
  const zip: PackageFacts = { name: "z.zip", artefact: { ...appImage.artefact, kind: "zip" }, madeOf, isElf: false };
  const npm: PackageFacts = {
    name: "lockstep-1.2.3.tgz",
    artefact: { kind: "npm", arch: undefined, version: "1.2.3" },
    madeOf: undefined,
    isElf: false,
  };

  it.each<[string, PackageFacts[], RegExp[]]>([
    ["real packages", [appImage, deb, npm], []],
    ["none", [], [/there are no packages/]],
    ["one of a stand-in", [deb, { ...appImage, isElf: false, madeOf: { ...madeOf, standIn: true } }], [/stand-ins/]],
    ["one without a note", [{ ...deb, madeOf: undefined }], [/it is not known how it was made/]],
    [
      "a runtime that is a script, whatever the note says",
      [{ ...appImage, isElf: false }],
      [/does not start as a program/],
    ],
    [
      "another version",
      [{ ...npm, artefact: { ...npm.artefact, version: "1.2.2" } }],
      [/is version 1\.2\.2, not 1\.2\.3/],
    ],
    [
      "two builds",
      [appImage, { ...deb, madeOf: { ...madeOf, buildId: "bb" } }],
      [/Linux x64 .*different builds: aa, bb/],
    ],
    ["a build for each system", [appImage, { ...zip, madeOf: { ...madeOf, buildId: "bb" } }], []],
  ])("%s", (_, packages, problems) => {
    const found = packageProblems("1.2.3", packages);
    expect(found).toHaveLength(problems.length);
    problems.forEach((problem, index) => expect(found[index]).toMatch(problem));
  });
});

describe("sizes", () => {
  const before = sizeReport(
    "1.0.0",
    [
      { kind: "deb", arch: "x64", size: 100_000_000 },
      { kind: "npm", arch: undefined, size: 400_000 },
      { kind: "zip", arch: "x64", size: 1 },
    ],
    { electron: 200_000_000 },
  );
  const now = sizeReport(
    "1.1.0",
    [
      { kind: "npm", arch: undefined, size: 300_000 },
      { kind: "deb", arch: "x64", size: 110_000_000 },
      { kind: "deb", arch: "arm64", size: 1_000_000 },
    ],
    { electron: 200_000_000 },
  );

  it("the size report shows changes since the previous release", () => {
    expect(sizeReportText(now, before).split("\n")).toEqual([
      "sizes of 1.1.0, compared with 1.0.0",
      "  deb x64      110.00 MB  +10.00 MB (+10.0 %)",
      "  deb arm64      1.00 MB  new",
      "  npm            0.30 MB  -0.10 MB (-25.0 %)",
      "  zip x64        gone",
      "biggest parts of the unpacked app",
      "  electron    200.00 MB  +0.00 MB (+0.0 %)",
    ]);
  });

  it("the size report works without a previous release", () => {
    expect(sizeReportText(before)).toContain("sizes of 1.0.0\n  deb x64    100.00 MB\n");
  });

  it("sizes are summed by part, on macOS too, with small ones together", () => {
    const files = [
      { path: "lockstep-app", size: 50 },
      { path: "resources/app.asar", size: 9 },
      { path: "resources/lockstep/cli.js", size: 20 },
      { path: "resources/lockstep/man/lockstep.1", size: 5 },
      { path: "locales/en-US.pak", size: 2 },
      { path: "LICENSE", size: 1 },
      { path: "Lockstep.app/Contents/Frameworks/Electron Framework.framework/a/b", size: 60 },
      { path: "Lockstep.app/Contents/Resources/app.asar", size: 8 },
    ];
    expect(Object.entries(biggestParts(files, 4))).toEqual([
      ["Frameworks/Electron Framework.framework", 60],
      ["lockstep-app", 50],
      ["resources/lockstep", 25],
      ["resources/app.asar", 9],
      ["everything else", 11],
    ]);
  });
});

describe("Homebrew's files", () => {
  const release = {
    version: "1.2.3",
    downloadUrl: "https://downloads.example/v1.2.3/",
    homepage: "https://lockstep.example",
    description: "One daemon.",
    license: "MIT",
  };
  const dmg = (arch: string): { kind: string; arch: string; sha256: string } => ({ kind: "dmg", arch, sha256: arch });

  it.each([
    ["both", [dmg("x64"), dmg("arm64"), { kind: "npm", arch: undefined, sha256: "n" }], ["lockstep-app", "lockstep"]],
    ["there is no cask for a single Mac architecture", [dmg("x64")], []],
    ["the formula alone", [{ kind: "npm", arch: undefined, sha256: "n" }], ["lockstep"]],
  ])("%s", (_, artefacts, names) => {
    const templates = homebrewFiles(artefacts, release).map(({ template }) => template);
    expect(templates).toEqual(names.map((name) => `${name}.rb.template`));
  });

  it("a template is refused if something is missing, left over, or not Ruby", () => {
    expect(renderTemplate('url "@URL@"', { URL: "https://x" })).toBe('url "https://x"');
    expect(() => renderTemplate('url "@URL@"', {})).toThrow("the template needs @URL@");
    expect(() => renderTemplate("nothing", { URL: "x" })).toThrow("has no @URL@");
    for (const value of ['a"; system("x")#', "a\nb", "#{x}", "a\\"]) {
      expect(() => renderTemplate('url "@URL@"', { URL: value })).toThrow("Ruby would misread");
    }
  });
});
