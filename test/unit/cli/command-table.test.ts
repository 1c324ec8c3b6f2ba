import { spawnSync } from "node:child_process";
import { onPath } from "../../../build/setup/system-packages.mjs";
import { describe, expect, it } from "vitest";

import type { CommandSpec } from "../../../src/cli/command-spec.js";
import { COMMANDS, GLOBAL_OPTIONS, type CommandName } from "../../../src/cli/command-table.js";
import { readCommandLine } from "../../../src/cli/command-line.js";
import { COMPLETIONS } from "../../../src/cli/completion.js";
import { commandHelp, mainHelp } from "../../../src/cli/help.js";

const TABLE = Object.entries(COMMANDS) as [CommandName, CommandSpec][];

describe("help is made from the table", () => {
  it("the main help names every command, global option and exit code", () => {
    const help = mainHelp();
    for (const [name, { summary }] of TABLE) expect(help).toMatch(new RegExp(`^  ${name} +${escaped(summary)}$`, "m"));
    for (const name of Object.keys(GLOBAL_OPTIONS)) expect(help).toContain(`--${name}`);
    for (const code of [0, 1, 2, 3, 4, 5, 130]) expect(help).toMatch(new RegExp(`^  ${code} `, "m"));
    for (const variable of ["LOCKSTEP_DIR", "LOCKSTEP_TRACE", "NO_COLOR"]) expect(help).toContain(variable);
  });

  it.each(TABLE)("the help of %s shows its usage, options and examples", (name, spec) => {
    const help = commandHelp(name);
    for (const line of spec.usage) expect(help).toContain(`lockstep ${line}`);
    for (const option of Object.keys(spec.options)) expect(help).toContain(`--${option}`);
    for (const [example] of spec.examples) expect(help).toContain(example);
    expect(spec.examples.length).toBeGreaterThan(0);
  });

  it("help texts fit into 110 columns", () => {
    const lines = [mainHelp(), ...TABLE.map(([name]) => commandHelp(name))].join("\n").split("\n");
    expect(lines.filter((line) => line.length > 110)).toEqual([]);
  });

  it("the parser accepts every example in the help", () => {
    for (const [name, { examples }] of TABLE) {
      for (const [example] of examples) {
        const call = /lockstep ([^|>)]*)/.exec(example)?.[1] ?? "";
        const words = call.match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
        expect(readCommandLine(words).command, example).toBe(name);
      }
    }
  });
});

describe("completion in a real bash", () => {
  const complete = (...words: string[]): string[] => {
    const script = `${COMPLETIONS["bash"]?.() ?? ""}
COMP_WORDS=(lockstep "$@")
COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
_lockstep
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { status, stdout, stderr } = spawnSync("bash", ["--norc", "-euc", script, "bash", ...words], {
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    return stdout.split("\n").filter((line) => line !== "");
  };

  it("bash completes the commands", () => {
    expect(complete("st")).toEqual(["start", "stop", "status"]);
    expect(complete("--json", "kill")).toEqual(["kill-daemon"]);
  });

  it("bash completes a command's options and the global ones", () => {
    expect(complete("status", "--")).toEqual(["--watch", "--version", "--json", "--quiet", "--dir", "--help"]);
    expect(complete("--dir", "stop", "logs", "--br")).toEqual(["--breadcrumbs"]);
  });

  it("bash completes a command's own words", () => {
    expect(complete("completion", "z")).toEqual(["zsh"]);
    expect(complete("help", "doc")).toEqual(["doctor"]);
  });

  it("bash completes directories after --dir, and nothing for other values", () => {
    expect(complete("status", "--dir", "/us")).toEqual(["/usr"]);
    expect(complete("logs", "-n", "")).toEqual([]);
    expect(complete("add", "x", "--", "--")).toEqual([]);
  });
});

describe("completion for zsh and fish", () => {
  it.each(["zsh", "fish"])("%s knows every command and option", (shell) => {
    const script = COMPLETIONS[shell]?.() ?? "";
    for (const [name, { options }] of TABLE) {
      expect(script).toContain(name);
      for (const option of Object.keys(options))
        expect(script).toContain(shell === "fish" ? `-l ${option}` : `--${option}`);
    }
  });

  for (const shell of ["zsh", "fish"]) {
    it.skipIf(onPath(shell) === undefined)(`${shell} parses its completion`, () => {
      const { status, stderr } = spawnSync(shell, ["-n", "-c", COMPLETIONS[shell]?.() ?? ""], { encoding: "utf8" });
      expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    });
  }
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
