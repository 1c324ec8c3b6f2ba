import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { PACKAGES_MS, onSlowest } from "../../fixtures/bounds.js";
import { NpmPrefix } from "../../fixtures/packages/npm-prefix.js";
import { NpmRegistry } from "../../fixtures/packages/npm-registry.js";
import { packageOf } from "../../fixtures/packages/packages.js";
import { isAlive, Sandbox, signal } from "../../fixtures/sandbox.js";

const A = "7.1.0";
const B = "7.2.0";
const READ = ["call", "memory", "read_graph"];

let registry: NpmRegistry;
beforeAll(async () => {
  registry = await NpmRegistry.start();
  for (const version of [A, B]) await registry.publish(await packageOf("npm", { version }));
}, PACKAGES_MS);
afterAll(() => registry.close());

describe("an upgrade through npm, with a running daemon,", { timeout: PACKAGES_MS }, () => {
  let box: Sandbox;
  let prefix: NpmPrefix;
  let stale: number;
  beforeEach(async () => {
    box = new Sandbox();
    prefix = new NpmPrefix(box, registry, "prefix");
    await prefix.install(A, { hook: false });
    await box.run(READ, { from: prefix.dist });
    stale = box.pid();
  }, PACKAGES_MS);
  afterEach(() => box.close());

  it("an upgrade ends the running daemon in the package's hook, and the next client starts the new one", async () => {
    const output = await prefix.install(B, { hook: true });
    expect(isAlive(stale)).toBe(false);
    expect(output).toContain(`lockstep: stopped the daemon ${A} (PID ${stale}), which was out of step with ${B}\n`);
    expect(box.daemons()).toEqual([]);
    expect(box.logLines(`daemon: stopping (out of step with ${B}, asked by cli`)).toHaveLength(1);
    expect(await box.run(READ, { from: prefix.dist })).toMatchObject({ code: 0, stderr: "" });
    expect(box.logLines("daemon: ready").map((line) => /version (\S+)\)/.exec(line)?.[1])).toEqual([A, B]);
    expect(box.logLines("version-mismatch restart")).toEqual([]);
  });

  it("an upgrade without the hook leaves the restart to the next client: one restart, one breadcrumb", async () => {
    await prefix.install(B, { hook: false });
    expect(isAlive(stale)).toBe(true);
    const called = await box.run(READ, { from: prefix.dist });
    expect(called).toMatchObject({ code: 0, stderr: expect.stringMatching(`restarting.*${A}`) as string });
    expect(isAlive(stale)).toBe(false);
    expect(box.logLines("version-mismatch restart")).toEqual([
      expect.stringContaining(`started after version-mismatch restart (prev=${A},now=${B},by=pid`) as string,
    ]);
    const pid = box.pid();
    expect(await box.run(READ, { from: prefix.dist })).toMatchObject({ code: 0, stderr: "" });
    expect(box.pid()).toBe(pid);
  });

  it("a downgrade restarts the daemon once as well", async () => {
    await prefix.install(B, { hook: true });
    await box.run(READ, { from: prefix.dist });
    await prefix.install(A, { hook: false });
    for (let call = 0; call < 5; call++) expect(await box.run(READ, { from: prefix.dist })).toMatchObject({ code: 0 });
    expect(box.logLines(`version-mismatch restart (prev=${B},now=${A},by=pid`)).toHaveLength(1);
    expect(box.logLines("version-mismatch restart")).toHaveLength(1);
  });
});

describe("the package's hook", () => {
  let box: Sandbox;
  let prefix: NpmPrefix;
  let stale: number;
  let global: NodeJS.ProcessEnv;
  beforeAll(async () => {
    box = new Sandbox();
    prefix = new NpmPrefix(box, registry, "prefix");
    await prefix.install(A, { hook: false });
    await box.run(READ, { from: prefix.dist });
    box.setBuildInfo(prefix.dist, { version: B });
    stale = box.pid();
    global = { npm_config_global: "true", npm_config_global_prefix: prefix.path };
  }, PACKAGES_MS);
  afterAll(() => box.close());

  const SILENT = { stdout: "", stderr: "", code: 0 };
  const hook = async (env: NodeJS.ProcessEnv) => {
    const started = performance.now();
    const child = spawn(process.execPath, [prefix.hook], { env: { ...prefix.env, ...env } });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
    child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
    const [code] = (await once(child, "close")) as [number | null];
    return { stdout, stderr, code, ms: performance.now() - started };
  };

  it.each<[string, () => NodeJS.ProcessEnv]>([
    ["in a project, as its dependency", () => ({})],
    ["in CI", () => ({ ...global, CI: "true" })],
    ["as a dependency of another global package", () => ({ ...global, npm_config_global_prefix: box.root })],
  ])("the package's hook does nothing %s", async (_, env) => {
    expect(await hook(env())).toMatchObject(SILENT);
    expect(isAlive(stale)).toBe(true);
  });

  it("the package's hook does nothing in a checkout", async () => {
    mkdirSync(join(prefix.package, "src"));
    expect(await hook(global)).toMatchObject(SILENT);
    expect(isAlive(stale)).toBe(true);
    rmSync(join(prefix.package, "src"), { recursive: true });
  });

  it("the package's hook neither fails nor prints anything when it cannot act", async () => {
    expect(await hook({ ...global, LOCKSTEP_DIR: "relative" })).toMatchObject(SILENT);
    expect(await hook({ ...global, LOCKSTEP_DIR: join(box.root, "none") })).toMatchObject(SILENT);
    expect(existsSync(join(box.root, "none"))).toBe(false);
    signal(stale, "SIGSTOP");
    const late = await hook(global);
    signal(stale, "SIGCONT");
    expect(late).toMatchObject(SILENT);
    expect(late.ms).toBeLessThan(onSlowest(6_000));
  });

  it("the package's hook ends a stale daemon and reports it in one line", async () => {
    const { stderr, code } = await hook(global);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^lockstep: stopped the daemon .*\n$/);
    expect(isAlive(stale)).toBe(false);
    expect(await hook(global)).toMatchObject(SILENT);
  });
});
