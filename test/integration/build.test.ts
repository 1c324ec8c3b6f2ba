import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, cpSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { CODE_ID } from "../../build/bundle/bundles.mjs";
import { it as base } from "../fixtures/it/with-shared-directory.js";

const ROOT = join(import.meta.dirname, "../..");
const SOURCES = ["build", "src", "electron", "renderer", "package.json", "package-lock.json", "tsconfig.json"];

interface BuildInfo {
  version: string;
  buildId: string;
  protocol: number;
}

/** A copy of the sources that tests may change. */
const it = base.extend("tree", { scope: "file" }, ({ directory: tree }) => {
  for (const name of SOURCES) cpSync(join(ROOT, name), join(tree, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(tree, "node_modules"));
  return tree;
});

it("a build records its version, protocol and daemon, and leaves nothing behind", ({ tree }) => {
  const info = build(tree);
  expect(info.version).toBe(packageVersion(tree));
  expect(info.protocol).toEqual(expect.any(Number));
  // The daemon holds its own id, which was written into it after the hash was made.
  const daemon = read(join(tree, "dist/daemon.js"));
  expect(daemon).toContain(info.buildId);
  const hashed = daemon.replaceAll(info.buildId, CODE_ID);
  expect(info.buildId).toBe(createHash("sha256").update(hashed).digest("hex").slice(0, 16));
  expect(unfinishedBuilds(tree)).toEqual([]);
});

it("the same sources make the same build, whatever their version is", ({ tree }) => {
  const before = build(tree);
  const manifest = join(tree, "package.json");
  writeFileSync(manifest, JSON.stringify({ ...(JSON.parse(read(manifest)) as object), version: "99.1.2" }));
  expect(build(tree)).toEqual({ ...before, version: "99.1.2" });
  for (const file of ["cli.js", "daemon.js", "index.js"])
    expect(read(join(tree, "dist", file))).not.toContain("99.1.2");
});

it("a changed daemon is another build", ({ tree }) => {
  const before = build(tree);
  appendFileSync(join(tree, "src/daemon/main.ts"), '\nprocess.title = "changed";\n');
  expect(build(tree).buildId).not.toBe(before.buildId);
});

it("the command line is an executable file", ({ tree }) => {
  build(tree);
  expect(statSync(join(tree, "dist/cli.js")).mode & 0o777).toBe(0o755);
  const { stdout } = spawnSync(join(tree, "dist/cli.js"), ["version"], { encoding: "utf8" });
  expect(stdout).toContain(packageVersion(tree));
});

it("a build that fails says why, keeps the last one and leaves nothing behind", ({ tree }) => {
  const before = build(tree);
  writeFileSync(join(tree, "src/daemon/broken.ts"), "export const broken = ;");
  appendFileSync(join(tree, "src/daemon/main.ts"), '\nimport "./broken.js";\n');
  const { status, stderr } = spawnSync(process.execPath, ["build/build.mjs"], { cwd: tree, encoding: "utf8" });
  expect(status).toBe(1);
  expect(stderr).toContain("src/daemon/broken.ts:1:22");
  expect(JSON.parse(read(join(tree, "dist/build-info.json")))).toEqual(before);
  expect(unfinishedBuilds(tree)).toEqual([]);
});

function build(tree: string): BuildInfo {
  const { status, stderr } = spawnSync(process.execPath, ["build/build.mjs"], { cwd: tree, encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return JSON.parse(read(join(tree, "dist/build-info.json"))) as BuildInfo;
}

function unfinishedBuilds(tree: string): string[] {
  return readdirSync(join(tree, ".cache")).filter((name) => name.startsWith("build-"));
}

function packageVersion(tree: string): string {
  return (JSON.parse(read(join(tree, "package.json"))) as { version: string }).version;
}

function read(file: string): string {
  return readFileSync(file, "utf8");
}
