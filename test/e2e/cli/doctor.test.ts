import { chmodSync, mkdirSync, statSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

import { it as base } from "../../fixtures/it/with-box.js";
import { signal, type Sandbox } from "../../fixtures/sandbox.js";

interface Check {
  what: string;
  status: "ok" | "note" | "problem";
  found: string;
  fix?: string;
}

const it = base.extend("examine", ({ box }) => {
  return async (env: NodeJS.ProcessEnv = {}) => {
    const { code, stdout, stderr } = await box.run(["doctor", "--json"], { env });
    expect(stderr).toBe("");
    return { code, ...(JSON.parse(stdout) as { ok: boolean; checks: Check[] }) };
  };
});
const problems = (checks: Check[]) => checks.filter(({ status }) => status === "problem");

it("doctor finds no problem before the first start and creates nothing", async ({ box, examine }) => {
  const { code, ok, checks } = await examine();
  expect(problems(checks)).toEqual([]);
  expect({ code, ok }).toEqual({ code: 0, ok: true });
  expect(statSync(box.dir, { throwIfNoEntry: false })).toBeUndefined();
});

it("doctor finds no problem with a healthy daemon and changes nothing", async ({ box, examine }) => {
  await box.run(["call", "memory", "read_graph"]);
  const before = readdirSync(box.dir);
  const { code, checks } = await examine();
  expect(problems(checks)).toEqual([]);
  expect(code).toBe(0);
  expect(checks.map(({ what }) => what)).toEqual(
    expect.arrayContaining([
      "platform",
      "locks",
      "daemon",
      "versions",
      "heartbeat",
      "restarts",
      "servers.json",
      "disk",
    ]),
  );
  expect(readdirSync(box.dir)).toEqual(before);
});

it("doctor prints a line for each problem, with its fix", async ({ box }) => {
  mkdirSync(box.dir, { mode: 0o700 });
  chmodSync(box.dir, 0o777);
  const { code, stdout } = await box.run(["doctor"]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^✗ .*can be written by others \(mode 777\): chmod 700/m);
  expect(stdout).toMatch(/\n1 problem\n$/);
  chmodSync(box.dir, 0o700);
});

it.for<[string, (box: Sandbox) => Promise<void> | void, NodeJS.ProcessEnv, Partial<Check>]>([
  ["a daemon out of step", async (box) => void (await box.startStale()), {}, { what: "versions" }],
  [
    "a daemon that stands still",
    async (box) => {
      await box.run(["start"]);
      signal(box.pid(), "SIGSTOP");
    },
    {},
    { what: "daemon", fix: "lockstep restart" },
  ],
  [
    "a version for tests",
    () => undefined,
    { _LOCKSTEP_TEST_DAEMON_VERSION: "1.0.0" },
    { what: "environment", fix: "unset _LOCKSTEP_TEST_DAEMON_VERSION" },
  ],
  [
    "a program that is nowhere",
    (box) => box.writeServers({ gone: { command: "no-such-program" } }),
    {},
    { what: "server gone" },
  ],
  ["an entry that is wrong", (box) => box.writeServers({ odd: { command: 5 } }), {}, { what: "servers.json" }],
  [
    "secrets that others can read",
    (box) => {
      box.writeServers({});
      chmodSync(join(box.dir, "servers.json"), 0o644);
      chmodSync(box.dir, 0o755);
    },
    {},
    { what: "servers.json" },
  ],
  [
    "a war between installations",
    (box) => {
      mkdirSync(box.dir, { mode: 0o700 });
      const entries = [1, 2, 3].map((n) => ({
        at: new Date(Date.now() - n * 60_000).toISOString(),
        did: "restart",
        why: "version-mismatch",
        prev: "1.0.0",
        now: "2.0.0",
        pid: n,
        by: { role: "cli", pid: n, root: n % 2 ? "/opt/a" : "/opt/b" },
        tookMs: 5,
      }));
      writeFileSync(join(box.dir, "restart.lock"), entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    },
    {},
    { what: "restarts" },
  ],
])("doctor finds %s", async ([_title, arrange, env, problem], { box, examine }) => {
  await arrange(box);
  const { code, ok, checks } = await examine(env);
  expect({ code, ok }).toEqual({ code: 1, ok: false });
  expect(problems(checks)).toEqual([expect.objectContaining({ ...problem, fix: expect.any(String) as string })]);
});

it("doctor notes settings that cost time or may surprise, without calling them problems", async ({ box, examine }) => {
  const certificates = join(box.root, "extra.pem");
  writeFileSync(certificates, "");
  const { code, checks } = await examine({
    NODE_EXTRA_CA_CERTS: certificates,
    LOCKSTEP_TRACE: join(box.root, "trace"),
  });
  expect(code).toBe(0);
  const notes = checks.filter(({ status }) => status === "note").map(({ found }) => found);
  expect(notes).toEqual([expect.stringContaining("NODE_EXTRA_CA_CERTS"), expect.stringContaining("LOCKSTEP_TRACE")]);
});

it("doctor notes what a killed daemon left behind, and that no action is needed", async ({ box, examine }) => {
  await box.run(["start"]);
  signal(box.pid(), "SIGKILL");
  const { code, checks } = await examine();
  expect(code).toBe(0);
  expect(checks).toContainEqual(expect.objectContaining({ what: "stale files", status: "note" }));
});

it("doctor never prints a value of servers.json, which may be a secret", async ({ box }) => {
  box.writeServers({ a: { command: "x", env: { TOKEN: "s3cr3t-value" }, args: [5, "s3cr3t-value"] } });
  expect((await box.run(["doctor"])).stdout).not.toContain("s3cr3t-value");
});

it("doctor judges by the login environment, and not by what its terminal exports", async ({ box, examine }) => {
  const home = join(box.root, "home");
  mkdirSync(home);
  const directory = join(home, "login-server");
  mkdirSync(directory);
  writeFileSync(join(directory, "login-server"), "#!/bin/sh\n");
  chmodSync(join(directory, "login-server"), 0o755);
  writeFileSync(join(home, ".profile"), `export LOGIN_KEY=login-value PATH="$HOME/login-server:$PATH"\n`);
  box.writeServers({
    login: { command: "login-server", env: { KEY: "${LOGIN_KEY}" } },
    terminal: { command: "sh", env: { KEY: "${TERMINAL_KEY}" } },
  });
  const env = { HOME: home, SHELL: "/bin/sh", TERMINAL_KEY: "terminal-value" };
  const { checks } = await examine(env);
  expect(problems(checks).map(({ found }) => found)).toEqual([
    expect.stringMatching(/terminal: env\.KEY: the variable TERMINAL_KEY is not set in your login environment/),
  ]);
  expect(checks).toContainEqual({ what: "server login", status: "ok", found: join(directory, "login-server") });
  const broken = await examine({ ...env, SHELL: "/no/such/shell", HOME: directory });
  expect(problems(broken.checks).map(({ what, found }) => `${what}: ${found}`)).toContainEqual(
    expect.stringMatching(/^login environment: could not be read from \/no\/such\/shell.*\/bin\/sh was asked instead$/),
  );
});
