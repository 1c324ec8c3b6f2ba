import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

import { onPath } from "../../build/setup/system-packages.mjs";
import { COMMAND_MS } from "../fixtures/bounds.js";
import { makePackages, makeTaggedTree, release, VERSION } from "../fixtures/packages/release-packages.js";

const run = promisify(execFile);

let dir: string;
let out: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "brew-"));
  out = join(dir, "out");
  const [root, packages] = [join(dir, "tree"), join(dir, "packages")];
  await makePackages(packages);
  makeTaggedTree(root);
  expect((await release(root, packages, out)).problems).toEqual([]);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it("a release has valid files for Homebrew, whose hooks run one bounded command", async () => {
  const cask = readFileSync(join(out, "homebrew/lockstep-app.rb"), "utf8");
  const formula = readFileSync(join(out, "homebrew/lockstep.rb"), "utf8");
  const sums = readFileSync(join(out, "downloads/SHA256SUMS"), "utf8");
  const sumOf = (name: string): string => /^\S+/.exec(sums.split("\n").find((line) => line.endsWith(name))!)![0];
  expect(cask).toContain(`intel: "${sumOf("-mac-x64.dmg")}"`);
  expect(cask).toContain(`arm:   "${sumOf("-mac-arm64.dmg")}"`);
  expect(cask).toContain('uninstall quit: "dev.lockstep.app"');
  expect(cask).toMatch(/"kill-daemon", "--stale-only", "--quiet"\],\n\s+timeout: 5\n\s+rescue StandardError/);
  expect(cask).toContain("brew uninstall --formula lockstep");
  expect(formula).toContain("the cask lockstep-app");
  expect(formula).toContain(`url "https://downloads.lockstep.example/v9/lockstep-${VERSION}.tgz"`);
  expect(formula).toContain(`sha256 "${sumOf(".tgz")}"`);
  if (onPath("ruby") === undefined) return;
  for (const file of ["lockstep-app.rb", "lockstep.rb"]) await run("ruby", ["-wc", join(out, "homebrew", file)]);
});

it.skipIf(onPath("ruby") === undefined)(
  "a release's formula has a hook that never fails and ends a command that hangs",
  async () => {
    const keg = join(dir, "keg");
    mkdirSync(keg);
    const formula =
      "class Formula; def self.method_missing(*); end; def self.test; end; def bin; Pathname.new(ARGV[1]); end; end";
    const hook = `require "pathname"; ${formula}; load ARGV[0]; Lockstep.new.post_install`;
    const runHook = async (): Promise<void> => {
      await run("ruby", ["-e", hook, join(out, "homebrew/lockstep.rb"), keg], { timeout: COMMAND_MS });
    };
    const writeCommand = (line: string): void =>
      writeFileSync(join(keg, "lockstep"), `#!/bin/sh\necho "$@" >${keg}/asked; echo $$ >${keg}/pid; ${line}\n`, {
        mode: 0o755,
      });
    await runHook();
    writeCommand("exit 3");
    await runHook();
    expect(readFileSync(join(keg, "asked"), "utf8")).toBe("kill-daemon --stale-only --quiet\n");
    writeCommand("exec sleep 60");
    await runHook();
    expect(() => process.kill(Number(readFileSync(join(keg, "pid"), "utf8")), 0)).toThrow("ESRCH");
  },
);
