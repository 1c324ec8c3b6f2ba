import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { onPath } from "../../../build/setup/system-packages.mjs";
import type { CommandSpec } from "../../../src/cli/command-spec.js";
import { COMMANDS, GLOBAL_OPTIONS } from "../../../src/cli/command-table.js";
import { manPage } from "../../../src/cli/man-page.js";

const TABLE = Object.entries(COMMANDS) as [string, CommandSpec][];
const SECTIONS = [
  ...["NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "OPTIONS"],
  ...["EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES", "SEE ALSO"],
];

let dir: string;
let file: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "man-"));
  file = join(dir, "lockstep.1");
  writeFileSync(file, manPage({ version: "1.2.3", date: "2026-11-23" }));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("the man page", () => {
  it.skipIf(onPath("man") === undefined)("man shows every section, command, option and example", () => {
    const { stdout, stderr, status } = run("man", ["--warnings", "-l", file], {
      MANWIDTH: "300",
      MAN_KEEP_FORMATTING: "",
    });
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(stdout.match(/^[A-Z][A-Z ]+$/gm)).toEqual(SECTIONS);
    expect(stdout).toContain("Lockstep 1.2.3");
    for (const [name, { usage, options, examples }] of TABLE) {
      expect(stdout).toMatch(new RegExp(`^   ${name}$`, "m"));
      for (const line of usage) expect(stdout).toContain(`lockstep ${line.replaceAll("…", "...")}`);
      for (const option of Object.keys({ ...options, ...GLOBAL_OPTIONS })) expect(stdout).toContain(`--${option}`);
      // What a reader copies from it has to be what the shell expects.
      for (const [example] of examples) expect(stdout).toContain(example);
    }
  });

  it.skipIf(onPath("groff") === undefined)("groff reports no warnings", () => {
    expect(run("groff", ["-man", "-ww", "-Tascii", "-z", file])).toMatchObject({ stderr: "", status: 0 });
  });

  it.skipIf(onPath("mandoc") === undefined)("mandoc finds no fault with the man page", () => {
    expect(run("mandoc", ["-T", "lint", file])).toMatchObject({ stdout: "", stderr: "", status: 0 });
  });
});

function run(command: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  return spawnSync(command, args, { encoding: "utf8", env: { ...process.env, LC_ALL: "C.UTF-8", ...env } });
}
