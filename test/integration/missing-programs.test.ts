import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "vitest";
import { onPath } from "../../build/setup/system-packages.mjs";
import { it as base } from "../fixtures/it/with-directory.js";

/** Runs one suite's files on a machine that has these programs only, and no package manager. */
const it = base.extend("runTests", ({ directory }) => (programs: string[], env: NodeJS.ProcessEnv, words: string[]) => {
  const bin = join(directory, "bin");
  mkdirSync(bin);
  for (const name of ["sh", "env", ...programs]) symlinkSync(onPath(name)!, join(bin, name));
  return spawnSync(process.execPath, [resolve("build/test.mjs"), ...words], {
    // A runner inside a runner: the inner one is none of its workers.
    env: { PATH: bin, HOME: process.env["HOME"], TMPDIR: process.env["TMPDIR"], ...env },
    encoding: "utf8",
  });
});

const FILES = [
  "unit",
  "test/unit/state/lock.test.ts",
  "test/unit/cli/man-page.test.ts",
  "test/unit/text/tilde.test.ts",
];

it("tests that lack a program are skipped by name, and the others run", ({ runTests }) => {
  const { stdout, stderr, status } = runTests([], {}, FILES);
  expect(stdout).toMatch(/^SKIPPED: test\/unit\/state\/lock\.test\.ts, for want of flock \(package util-linux\)$/m);
  expect(stdout).toMatch(
    /^SKIPPED: some tests of test\/unit\/cli\/man-page\.test\.ts, for want of man \(package man-db\), groff \(package groff\), mandoc \(package mandoc\)$/m,
  );
  expect(stdout).not.toContain("xfce4-panel");
  expect(stderr).toContain("sudo apt-get install -y --no-install-recommends util-linux man-db groff mandoc");
  expect(stdout).toMatch(/\n[1-9]\d* passed, 0 failed, (?:[4-9]|\d\d) skipped\n$/);
  expect(status).toBe(0);
});

it("on CI a missing program is an error, and no test runs without it", ({ runTests }) => {
  const { stdout, stderr, status } = runTests([], { CI: "true" }, FILES);
  expect(stdout).toContain("SKIPPED: test/unit/state/lock.test.ts, for want of flock");
  expect(stderr).toContain("CI runs every test");
  expect(stdout).not.toContain("passed");
  expect(status).toBe(1);
});
