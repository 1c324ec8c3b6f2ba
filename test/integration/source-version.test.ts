import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { sourceVersion } from "../../build/bundle/version.mjs";

let tree: string;

beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), "version-"));
  writeFileSync(join(tree, "package.json"), JSON.stringify({ version: "0.1.0" }));
});
afterEach(() => rmSync(tree, { recursive: true, force: true }));

it("a tree without git is package.json's version", () => {
  expect(version()).toBe("0.1.0");
});

it("a checkout without a tag counts its commits on top of package.json's version", () => {
  git("init", "--quiet");
  commit();
  commit();
  expect(version()).toMatch(/^0\.1\.0-2-g[0-9a-f]{7,}$/);
});

it("a checkout without a commit is package.json's version", () => {
  git("init", "--quiet");
  expect(version()).toBe("0.1.0");
});

it("a checkout of a tag is the tag, and counts from it afterwards", () => {
  git("init", "--quiet");
  commit();
  git("tag", "v1.2.3-rc.1");
  git("tag", "nightly");
  expect(version()).toBe("1.2.3-rc.1");
  commit();
  expect(version()).toMatch(/^1\.2\.3-rc\.1-1-g[0-9a-f]{7,}$/);
});

it("a release build is package.json's version, whatever git says", () => {
  git("init", "--quiet");
  commit();
  expect(sourceVersion(tree, { release: true })).toBe("0.1.0");
});

it("a tree that lies in another project's repository takes nothing from it", () => {
  git("init", "--quiet");
  commit();
  const inner = join(tree, "vendor");
  mkdirSync(inner);
  writeFileSync(join(inner, "package.json"), JSON.stringify({ version: "0.1.0" }));
  expect(sourceVersion(inner, { release: false })).toBe("0.1.0");
});

function version(): string {
  return sourceVersion(tree, { release: false });
}

function commit(): void {
  git(
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

function git(...args: string[]): void {
  execFileSync("git", args, { cwd: tree, stdio: ["ignore", "ignore", "inherit"] });
}
