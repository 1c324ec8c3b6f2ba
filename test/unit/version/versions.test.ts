import { describe, expect, it } from "vitest";

import { compareVersions, isReadableVersion, versionsMatch } from "../../../src/version/versions.js";

describe("versionsMatch", () => {
  it.each<[string | undefined, string | undefined, boolean]>([
    ["1.2.3", "1.2.3", true],
    ["1.2.3", "1.2.4", false],
    ["v1.2.3", "1.2.3", true],
    ["1.2.3-rc.1", "1.2.3-rc.1", true],
    ["1.2.3-rc.1", "1.2.3", false],
    ["1.2.3-rc.1", "1.2.3-rc.2", false],
    ["1.2.3-5-gabcd", "1.2.3", true],
    ["1.2.3", "1.2.3-5-gabcd", true],
    ["1.2.3-5-gabcd", "1.2.4", false],
    ["1.2.3-5-gabcd", "1.2.3-5-gabcd", true],
    ["1.2.3-5-gabcd", "1.2.3-6-gabce", false],
    ["1.2.3-5-gabcd", "1.2.3-5-gabce", false],
    ["1.2.3-rc.1-5-gabcd", "1.2.3-rc.1", true],
    ["1.2.3-rc.1-5-gabcd", "1.2.3", false],
    // Three hex digits are no abbreviated sha, so this is a pre-release like any other.
    ["1.2.3-5-gabcd-dirty", "1.2.3", true],
    ["1.2.3-5-gabcd-dirty", "1.2.3-5-gabcd-dirty", true],
    ["1.2.3-5-gabcd-dirty", "1.2.3-5-gabcd", false],
    ["1.2.3-dirty", "1.2.3", true],
    ["1.2.3-5-gabc", "1.2.3", false],
    ["1.2.3-5-gxyzw", "1.2.3", false],
    ["", "", false],
    ["unknown", "unknown", false],
    [undefined, undefined, false],
    [undefined, "1.2.3", false],
    ["1.2", "1.2", false],
    ["1.2.3", `1.2.3-${"9".repeat(300)}`, false],
  ])("%s and %s: %s", (a, b, expected) => {
    expect(versionsMatch({ version: a }, { version: b })).toBe(expected);
    expect(versionsMatch({ version: b }, { version: a })).toBe(expected);
  });

  it("two builds of one development version do not match if both build ids are known", () => {
    const version = "1.2.3-5-gabcd";
    expect(versionsMatch({ version, buildId: "a" }, { version, buildId: "b" })).toBe(false);
    expect(versionsMatch({ version, buildId: "a" }, { version, buildId: "a" })).toBe(true);
    expect(versionsMatch({ version, buildId: "a" }, { version })).toBe(true);
  });
});

describe("compareVersions", () => {
  it.each<[string, string, -1 | 0 | 1 | undefined]>([
    ["1.2.3", "1.2.4", -1],
    ["1.10.0", "1.9.0", 1],
    ["1.2.3", "1.2.3", 0],
    ["1.2.3-rc.1", "1.2.3", -1],
    ["1.2.3-rc.2", "1.2.3-rc.10", -1],
    // To semver itself the describe suffix would be a pre-release, and so older than its own tag.
    ["1.2.3-5-gabcd", "1.2.3", 1],
    ["1.2.3-5-gabcd", "1.2.3-7-gabce", -1],
    ["1.2.3-5-gabcd", "1.2.4", -1],
    ["1.2.3-5-gabcd", "1.2.3-5-gabcd", 0],
    ["1.2.3-5-gabcd", "1.2.3-5-gabce", undefined],
    ["1.2.3-5-gabcd-dirty", "1.2.3", 1],
    ["1.2.3-5-gabcd-broken", "1.2.4", -1],
    ["1.2.3-5-gabcd-dirty", "1.2.3-6-gabce", -1],
    ["1.2.3-5-gabcd-dirty", "1.2.3-5-gabcd", undefined],
    ["1.2.3-dirty", "1.2.3", undefined],
    ["1.2.3-dirty", "1.2.4-rc.1", -1],
    ["unknown", "1.2.3", undefined],
  ])("%s to %s: %s", (a, b, expected) => {
    expect(compareVersions(a, b)).toBe(expected);
    const mirrored = expected === undefined ? undefined : ((0 - expected) as -1 | 0 | 1);
    expect(compareVersions(b, a)).toBe(mirrored);
  });
});

it("a version is readable only if semver can read it", () => {
  expect(isReadableVersion("1.2.3-5-gabcd")).toBe(true);
  expect(isReadableVersion("latest")).toBe(false);
  expect(isReadableVersion("")).toBe(false);
});
