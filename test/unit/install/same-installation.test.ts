import { expect, it } from "vitest";

import { isSameInstallation } from "../../../src/install/same-installation.js";

const PREFIX = "/usr/lib/node_modules/lockstep/dist";
const keg = (name: string): string => `/opt/homebrew/Cellar/lockstep/${name}/libexec/lib/node_modules/lockstep/dist`;
const underNode = (name: string): string => `/home/ada/.nvm/versions/node/${name}/lib/node_modules/lockstep/dist`;

it.each([
  ["the same directory", "1.0.0", PREFIX, "1.1.0", PREFIX, true],
  ["another directory", "1.0.0", PREFIX, "1.1.0", "/usr/local/lib/node_modules/lockstep/dist", false],
  ["directories named after the two versions", "1.0.0", keg("1.0.0"), "1.1.0", keg("1.1.0"), true],
  ["one of them rebuilt", "1.0.0", keg("1.0.0"), "1.1.0", keg("1.1.0_2"), true],
  ["a directory that is named after some other version", "1.0.0", keg("1.0.0"), "1.1.0", keg("1.2.0"), false],
  ["two versions of Node", "1.0.0", underNode("v20.18.0"), "1.1.0", underNode("v22.1.0"), false],
  ["no directory known", "1.0.0", undefined, "1.1.0", PREFIX, false],
  ["no version known", "", PREFIX, "1.1.0", PREFIX, true],
])("%s", (_, version, installRoot, installedVersion, root, same) => {
  expect(isSameInstallation({ installRoot, version }, { root, version: installedVersion })).toBe(same);
});
