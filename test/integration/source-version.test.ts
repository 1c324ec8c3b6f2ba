import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { sourceVersion } from "../../build/bundle/version.mjs";
import { it } from "../fixtures/it/with-directory.js";

it.beforeEach(({ directory }) => writeFileSync(join(directory, "package.json"), JSON.stringify({ version: "0.1.0" })));

it("a tree without git has package.json's version", ({ directory }) => {
  expect(version(directory)).toBe("0.1.0");
});

it("a checkout without a tag counts its commits on top of package.json's version", ({ directory }) => {
  git(directory, "init", "--quiet");
  commit(directory);
  commit(directory);
  expect(version(directory)).toMatch(/^0\.1\.0-2-g[0-9a-f]{7,}$/);
});

it("a checkout without a commit has package.json's version", ({ directory }) => {
  git(directory, "init", "--quiet");
  expect(version(directory)).toBe("0.1.0");
});

it("a tagged checkout has the tag's version, and later commits count from it", ({ directory }) => {
  git(directory, "init", "--quiet");
  commit(directory);
  git(directory, "tag", "v1.2.3-rc.1");
  git(directory, "tag", "nightly");
  expect(version(directory)).toBe("1.2.3-rc.1");
  commit(directory);
  expect(version(directory)).toMatch(/^1\.2\.3-rc\.1-1-g[0-9a-f]{7,}$/);
});

it("a release build has package.json's version, whatever git says", ({ directory }) => {
  git(directory, "init", "--quiet");
  commit(directory);
  expect(sourceVersion(directory, { release: true })).toBe("0.1.0");
});

it("a tree inside another project's repository takes nothing from it", ({ directory }) => {
  git(directory, "init", "--quiet");
  commit(directory);
  const inner = join(directory, "vendor");
  mkdirSync(inner);
  writeFileSync(join(inner, "package.json"), JSON.stringify({ version: "0.1.0" }));
  expect(sourceVersion(inner, { release: false })).toBe("0.1.0");
});

function version(directory: string): string {
  return sourceVersion(directory, { release: false });
}

function commit(directory: string): void {
  git(
    directory,
    "-c",
    "user.name=Test",
    "-c",
    "user.email=test@localhost",
    "commit",
    "--quiet",
    "--allow-empty",
    "--message",
    "x",
  );
}

function git(directory: string, ...args: string[]): void {
  execFileSync("git", args, { cwd: directory, stdio: ["ignore", "ignore", "inherit"] });
}
