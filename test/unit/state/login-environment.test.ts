import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

import { merge, readLoginEnvironment, type LoginEnvironment } from "../../../src/state/login-environment.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "shell-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const read = (env: Record<string, string>, boundMs = 20_000): Promise<LoginEnvironment> =>
  readLoginEnvironment({
    env: { PATH: "/opt/own:/usr/bin:/bin", HOME: dir, ...env },
    signal: AbortSignal.timeout(boundMs),
  });

/** What a terminal of a project has exported. */
const TERMINAL = {
  ELECTRON_RUN_AS_NODE: "1",
  NODE_OPTIONS: "--require /gone.cjs",
  npm_config_a: "b",
  VIRTUAL_ENV: "/p/.venv",
  AWS_PROFILE: "production",
  GIT_AUTHOR_NAME: "another",
  PWD: "/p",
  OLDPWD: "/q",
  LOCKSTEP_TRACE: "1",
  _LOCKSTEP_X: "1",
};
const TERMINAL_NAMES = /ELECTRON|NODE_OPTIONS|npm_|VIRTUAL|AWS|GIT|PWD|LOCKSTEP/;

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
    'echo hello; echo PATH=fake; read answer\nexport TOKEN="a\nb=c"\nexport PATH="$HOME/bin:$PATH"\n',
  );
  const { env, problem } = await read({ SHELL: "/bin/bash", LC_ALL: "C" });
  expect(problem).toBeUndefined();
  expect(env).toMatchObject({ TOKEN: "a\nb=c", LC_ALL: "C" });
  // The system's own start-up files may add directories in between. Our own PATH comes last.
  expect(env["PATH"]).toMatch(new RegExp(`^${dir}/bin:(.*:)?/usr/bin:.*:/opt/own$`));
});

it("a plain shell is run as a login shell only", async () => {
  writeFileSync(join(dir, ".profile"), "export FROM_PROFILE=yes\n");
  expect((await read({ SHELL: "/bin/sh" })).env).toMatchObject({ FROM_PROFILE: "yes" });
});

it("the login environment's way to the network is the login shell's, not that of the daemon's starter", async () => {
  writeFileSync(join(dir, ".profile"), "export https_proxy=http://lasting:1\n");
  const { env } = await read({ SHELL: "/bin/sh", http_proxy: "http://passing:1", SSL_CERT_FILE: "/passing.pem" });
  expect(env["https_proxy"]).toBe("http://lasting:1");
  expect(Object.values(env).join()).not.toContain("passing");
});

it.each(["/bin/sh", "/no/such/shell"])(
  "the login environment has no variables of the terminal or the program that started the daemon, with %s",
  async (SHELL) => {
    const { env } = await read({ SHELL, ...TERMINAL });
    expect(Object.keys(env).filter((name) => TERMINAL_NAMES.test(name))).toEqual([]);
  },
);

it("the login environment has NODE_OPTIONS that the user's start-up files export", async () => {
  writeFileSync(join(dir, ".profile"), "export NODE_OPTIONS=--a\n");
  expect((await read({ SHELL: "/bin/sh" })).env).toMatchObject({ NODE_OPTIONS: "--a" });
});

it("the login environment has the home directory of the user database when HOME is not set", async () => {
  expect((await read({ SHELL: "/bin/sh", HOME: "" })).env["HOME"]).toMatch(/^\//);
});

it.each([
  ["a missing shell", () => "/no/such/shell", /there is no such program/],
  ["a shell that fails", () => shell("bad", "exit 3"), /ended with code 3/],
  ["a shell that is killed", () => shell("bad", "kill -9 $$"), /ended with SIGKILL/],
  ["a shell that prints nonsense", () => shell("odd", 'eval "${2%%;*}; echo; ${2##*;}"'), /has no PATH/],
])("with %s /bin/sh is asked instead, and the problem is reported", async (_what, make, reason) => {
  writeFileSync(join(dir, ".profile"), "export FROM_PROFILE=yes\n");
  const { env, problem } = await read({ SHELL: make(), LC_ALL: "C" });
  expect(env).toMatchObject({ LC_ALL: "C", FROM_PROFILE: "yes" });
  expect(problem).toMatch(reason);
  expect(problem).toMatch(/\/bin\/sh was asked instead$/);
});

it("with a shell that hangs the own environment is used, and the problem is reported", async () => {
  const { env, problem } = await read({ SHELL: shell("hung", "exec sleep 60"), LC_ALL: "C" }, 300);
  expect(env).toMatchObject({ LC_ALL: "C", PATH: "/opt/own:/usr/bin:/bin" });
  expect(problem).toMatch(/hung -ilc: it did not answer in time/);
});

it("a user who cannot log in has the environment of /bin/sh, which is no problem", async () => {
  writeFileSync(join(dir, ".profile"), "export FROM_PROFILE=yes\n");
  const { env, problem } = await read({ SHELL: "/usr/sbin/nologin" });
  expect(problem).toBeUndefined();
  expect(env).toMatchObject({ FROM_PROFILE: "yes" });
});

it("a shell whose interactive start-up files run another program is asked without them", async () => {
  writeFileSync(join(dir, ".bash_profile"), "export FROM_PROFILE=yes\ncase $- in *i*) exec cat;; esac\n");
  const { env, problem } = await read({ SHELL: "/bin/bash" });
  expect(problem).toBeUndefined();
  expect(env).toMatchObject({ FROM_PROFILE: "yes" });
});

it("a home directory that does not exist is no problem", async () => {
  const { env, problem } = await read({ SHELL: "/bin/sh", HOME: join(dir, "gone") });
  expect(problem).toBeUndefined();
  expect(env["HOME"]).toBe(join(dir, "gone"));
});

it("a program that a start-up file left running does not hold up the login environment", async () => {
  const path = shell("leaky", 'sleep 20 & echo $! > "$HOME/left"; exec /bin/sh "$@"');
  const { env, problem } = await read({ SHELL: path }, 15_000);
  expect(env).toHaveProperty("PATH");
  expect(problem).toBeUndefined();
});

it("of two PATHs the login shell's comes first, followed by what only the daemon's has", () => {
  const merged = merge(
    { PATH: "/app/bin:/bin", A: "own", B: "own", PWD: "/own" },
    { PATH: "/home/bin:/bin", A: "login", PWD: "/x", SHLVL: "1" },
  );
  expect(merged).toEqual({ PATH: "/home/bin:/bin:/app/bin", A: "login", B: "own", PWD: "/own" });
});

it.for([
  ["zsh", ".zprofile", "export FROM_LOGIN=login", ".zshrc", "echo noise; export FROM_TERMINAL=terminal"],
  [
    "fish",
    ".config/fish/conf.d/login.fish",
    "status is-login; and set -gx FROM_LOGIN login",
    ".config/fish/config.fish",
    "echo noise; set -gx FROM_TERMINAL terminal; set -gx LIST a b",
  ],
] as const)("the login environment has what %s exports", async ([name, first, login, second, terminal], { skip }) => {
  const program = ["/usr/bin", "/bin", "/opt/homebrew/bin"]
    .map((bin) => join(bin, name))
    .find((path) => existsSync(path));
  if (program === undefined) return skip(`${name} is not installed`);
  for (const [file, text] of [
    [first, login],
    [second, terminal],
  ] as const) {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), `${text}\n`);
  }
  const { env, problem } = await read({ SHELL: program });
  expect(problem).toBeUndefined();
  expect(env).toMatchObject({ FROM_LOGIN: "login", FROM_TERMINAL: "terminal" });
});
