import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { onPath } from "../../../build/setup/system-packages.mjs";

const run = promisify(execFile);
const SCRIPT = resolve("build/packaging/lockstep.sh");
/** macOS has bash as sh, Debian dash. */
const SHELLS = ["dash", "bash", "busybox"].filter((shell) => onPath(shell) !== undefined);

let root: string;
let tools: string;
let bin: string;

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "lockstep sh-")));
  // As on macOS before 12.3: readlink prints what a link contains, and has no -f.
  tools = join(root, "tools");
  writeProgram(join(tools, "readlink"), `[ $# = 1 ] || exit 1; exec ${onPath("readlink")} "$1"`);
  bin = layOut(join(root, "opt/Lock step"), "resources", "lockstep-app");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The files of a packaged app that the script looks for; returns the directory of the script. */
function layOut(app: string, resources: string, binary: string): string {
  const directory = join(app, resources, "bin");
  mkdirSync(directory, { recursive: true });
  copyFileSync(SCRIPT, join(directory, "lockstep"));
  mkdirSync(join(app, resources, "lockstep"));
  writeFileSync(join(app, resources, "lockstep/cli.js"), "");
  writeProgram(join(app, binary), `printf '%s|' "$0" "$ELECTRON_RUN_AS_NODE" "$@"`);
  return directory;
}

function writeProgram(file: string, line: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
}

function link(name: string, target: string): string {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
  return path;
}

describe.each(SHELLS)("the command line's script in %s", (shell) => {
  const at = `links-${shell}`;

  async function started(script: string, env: NodeJS.ProcessEnv = {}, cwd = "/"): Promise<string> {
    const args = [...(shell === "busybox" ? ["sh"] : []), script, "call", "a b"];
    return (await run(shell, args, { cwd, env: { PATH: `${tools}:/usr/bin:/bin`, ...env } })).stdout;
  }
  const expected = (): string =>
    `${root}/opt/Lock step/lockstep-app|1|${bin.replace("/bin", "/lockstep/cli.js")}|call|a b|`;

  it.each<[string, () => string]>([
    ["itself", () => join(bin, "lockstep")],
    ["a link to it", () => link(`${at}/absolute`, join(bin, "lockstep"))],
    ["a link to it from where the link is", () => link(`${at}/relative`, "../opt/Lock step/resources/bin/lockstep")],
    ["a link to a link", () => link(`${at}/second`, link(`${at}/first`, join(bin, "lockstep")))],
    [
      "a link in a directory that is a link",
      () => {
        link(`${at}/deep/er/lockstep`, "../../../opt/Lock step/resources/bin/lockstep");
        return join(link(`${at}/elsewhere`, "deep/er"), "lockstep");
      },
    ],
    ["a path through a linked directory", () => join(link(`${at}/app`, "../opt/Lock step"), "resources/bin/lockstep")],
  ])("finds the app when it is started by %s, with a readlink that has no -f", async (_, path) => {
    expect(await started(path())).toBe(expected());
  });

  it("finds the app when it is started by its bare name in its own directory, whatever CDPATH is", async () => {
    mkdirSync(join(root, `${at}/cd/bin`), { recursive: true });
    expect(await started("lockstep", { CDPATH: join(root, at, "cd") }, bin)).toBe(expected());
    const up = join("..", "bin", "lockstep");
    expect(await started(up, { CDPATH: join(root, at, "cd") }, bin)).toBe(expected());
  });

  it("finds the binary of an app of macOS", async () => {
    const mac = layOut(join(root, `${at}/Lockstep.app/Contents`), "Resources", "MacOS/Lockstep");
    const contents = dirname(dirname(mac));
    expect(await started(link(`${at}/mac`, join(mac, "lockstep")))).toBe(
      `${contents}/Resources/../MacOS/Lockstep|1|${contents}/Resources/lockstep/cli.js|call|a b|`,
    );
  });
});
