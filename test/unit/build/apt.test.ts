import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, vi } from "vitest";
import { installPackages, namesHere } from "../../../build/setup/apt.mjs";
import { it as base } from "../../fixtures/it/with-directory.js";

/** The packages of each release, as `apt-cache policy` has them. */
const RELEASES: Record<string, Record<string, string | undefined>> = {
  "Debian 12": { "libgtk-3-0": "3.24.38-2~deb12u3", libasound2: "1.2.8-1+b1", "dbus-daemon": "1.14.10-1~deb12u1" },
  "Debian 13": {
    "libgtk-3-0": undefined,
    "libgtk-3-0t64": "3.24.49-3",
    libasound2: undefined,
    libasound2t64: "1.2.14-1+deb13u1",
    "dbus-daemon": "1.16.2-2",
  },
  "Ubuntu 22.04": { "libgtk-3-0": "3.24.33-1ubuntu2", libasound2: "1.2.6.1-1ubuntu1", dbus: "1.12.20-2ubuntu4" },
};
const WANTED = [
  ["libgtk-3-0t64", "libgtk-3-0"],
  ["libasound2t64", "libasound2"],
  ["dbus-daemon", "dbus"],
];

interface Programs {
  journal: string;
  /** apt-cache of a release, with the output of the real one. */
  writeAptCache(packages: Record<string, string | undefined>): void;
  /** apt-get that cannot install one package, and notes what it is asked to do. */
  writeAptGet(broken: string): void;
}

const it = base.extend("programs", ({ directory }): Programs => {
  const bin = join(directory, "bin");
  mkdirSync(bin);
  vi.stubEnv("PATH", `${bin}:${process.env["PATH"]}`);
  const write = (name: string, script: string): void =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const journal = join(directory, "journal");
  return {
    journal,
    writeAptCache(packages) {
      const cases = Object.entries(packages).map(
        ([name, version = "(none)"]) =>
          `${name}) printf '${name}:\\n  Installed: (none)\\n  Candidate: ${version}\\n  Version table:\\n' ;;`,
      );
      write("apt-cache", `shift; for name; do case $name in ${cases.join("\n")} esac; done`);
    },
    writeAptGet(broken) {
      const refuse = 'echo "E: Unable to correct problems, you have held broken packages." >&2; exit 100';
      write("apt-get", `echo "$*" >>"${journal}"; case "$*" in *${broken}*) ${refuse} ;; esac`);
    },
  };
});

afterEach(() => void vi.unstubAllEnvs());

it.for([
  ["Debian 12", ["libgtk-3-0", "libasound2", "dbus-daemon"]],
  ["Debian 13", ["libgtk-3-0t64", "libasound2t64", "dbus-daemon"]],
  ["Ubuntu 22.04", ["libgtk-3-0", "libasound2", "dbus"]],
] as const)("packages are asked for by the names that %s has", ([release, names], { programs }) => {
  programs.writeAptCache(RELEASES[release]!);
  expect(namesHere(WANTED)).toEqual(names);
});

it("a package that can't be installed does not keep the others from being installed", async ({ programs }) => {
  programs.writeAptCache(RELEASES["Debian 12"]!);
  programs.writeAptGet("libasound2");
  const steps: [string, boolean][] = [];
  const problem = await installPackages([...WANTED, ["in-no-release"]], [], async (title, run) => {
    const ok = await run();
    steps.push([title, ok]);
    return ok;
  });
  expect(problem).toBe("E: Unable to correct problems, you have held broken packages.");
  expect(steps).toEqual([
    ["refreshing the list of system packages", true],
    ["installing libgtk-3-0, libasound2, dbus-daemon", false],
    ["installing libgtk-3-0", true],
    ["installing libasound2", false],
    ["installing dbus-daemon", true],
  ]);
  expect(readFileSync(programs.journal, "utf8")).toContain("dbus-daemon");
});
