import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

import { loginEnvironment, merge } from "../../../../src/servers/environment/login-environment.js";

let dir: string;
let failures: string[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "shell-"));
  failures = [];
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const read = (env: Record<string, string>, boundMs = 4_000): Promise<Record<string, string>> =>
  loginEnvironment({
    env: { PATH: "/usr/bin:/bin", HOME: dir, ...env },
    boundMs,
    onFailure: (reason) => failures.push(reason),
  });

/** A program that stands in for a shell. */
function shell(name: string, script: string): string {
  const path = join(dir, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

it("the login environment has what bash's start-up files export, whatever they print", async () => {
  writeFileSync(join(dir, ".bash_profile"), '. "$HOME/.bashrc"\n');
  writeFileSync(
    join(dir, ".bashrc"),
    'echo hello; echo PATH=fake\nexport TOKEN="a\nb=c"\nexport PATH="$HOME/bin:$PATH"\n',
  );
  const env = await read({ SHELL: "/bin/bash", LC_ALL: "C" });
  expect(failures).toEqual([]);
  expect(env).toMatchObject({ TOKEN: "a\nb=c", LC_ALL: "C" });
  // The system's own start-up files may add directories between the two.
  expect(env["PATH"]).toMatch(new RegExp(`^${dir}/bin:(.*:)?/usr/bin:`));
});

it("a plain shell is run as a login shell only", async () => {
  writeFileSync(join(dir, ".profile"), "export FROM_PROFILE=yes\n");
  expect(await read({ SHELL: "/bin/sh" })).toMatchObject({ FROM_PROFILE: "yes" });
});

it("the login environment has no variables of the terminal or the program that started the daemon", async () => {
  const env = await read({
    SHELL: "/bin/sh",
    ELECTRON_RUN_AS_NODE: "1",
    NODE_OPTIONS: "--x",
    npm_config_a: "b",
    VIRTUAL_ENV: "/p/.venv",
    LOCKSTEP_TRACE: "1",
    _LOCKSTEP_X: "1",
  });
  expect(Object.keys(env).filter((name) => /ELECTRON|NODE_OPTIONS|npm_|VIRTUAL|LOCKSTEP/.test(name))).toEqual([]);
});

it("the login environment has NODE_OPTIONS that the user's start-up files export", async () => {
  writeFileSync(join(dir, ".profile"), "export NODE_OPTIONS=--a\n");
  expect(await read({ SHELL: "/bin/sh" })).toMatchObject({ NODE_OPTIONS: "--a" });
});

it.each([
  ["a missing shell", () => "/no/such/shell", /ENOENT/],
  ["a shell that fails", () => shell("bad", "exit 3"), /ended with code 3/],
  ["a shell that hangs", () => shell("hung", "exec sleep 60"), /did not answer within 300 ms/],
  ["a shell that prints nonsense", () => shell("odd", 'eval "${2%%;*}; echo; ${2##*;}"'), /has no PATH/],
])("with %s the daemon's own environment is used, and the log says why", async (_what, make, reason) => {
  const env = await read({ SHELL: make(), LC_ALL: "C" }, 300);
  expect(env).toMatchObject({ LC_ALL: "C", PATH: "/usr/bin:/bin" });
  expect(failures).toHaveLength(1);
  expect(failures[0]).toMatch(reason);
});

it("a program that a start-up file left running does not hold up the login environment", async () => {
  const path = shell("leaky", 'sleep 2 & exec /bin/sh "$@"');
  const before = performance.now();
  expect(await read({ SHELL: path })).toHaveProperty("PATH");
  expect(performance.now() - before).toBeLessThan(1_500);
  expect(failures).toEqual([]);
});

it("of two PATHs the login shell's comes first, followed by what only the daemon's has", () => {
  const merged = merge(
    { PATH: "/app/bin:/bin", A: "own", B: "own", PWD: "/own" },
    { PATH: "/home/bin:/bin", A: "login", PWD: "/x", SHLVL: "1" },
  );
  expect(merged).toEqual({ PATH: "/home/bin:/bin:/app/bin", A: "login", B: "own", PWD: "/own" });
});
