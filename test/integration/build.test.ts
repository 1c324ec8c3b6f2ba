import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const SOURCES = ["build", "src", "electron", "renderer", "package.json", "package-lock.json", "tsconfig.json"];

interface BuildInfo {
  version: string;
  buildId: string;
  protocol: number;
}

let tree: string;

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), "build-"));
  for (const name of SOURCES) cpSync(join(ROOT, name), join(tree, name), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(tree, "node_modules"));
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

it("a build announces its version, its wire and which daemon it holds, and leaves nothing behind", () => {
  const info = build();
  expect(info.version).toBe(packageVersion());
  expect(info.protocol).toEqual(expect.any(Number));
  expect(info.buildId).toBe(
    createHash("sha256")
      .update(read(join(tree, "dist/daemon.js")))
      .update(read(join(tree, "dist/http-channel.js")))
      .digest("hex")
      .slice(0, 16),
  );
  expect(unfinishedBuilds()).toEqual([]);
});

it("the same sources make the same build, whatever their version is", () => {
  const before = build();
  const manifest = join(tree, "package.json");
  writeFileSync(manifest, JSON.stringify({ ...(JSON.parse(read(manifest)) as object), version: "99.1.2" }));
  expect(build()).toEqual({ ...before, version: "99.1.2" });
  for (const file of ["cli.js", "daemon.js", "index.js"])
    expect(read(join(tree, "dist", file))).not.toContain("99.1.2");
});

it("a changed daemon is another build", () => {
  const before = build();
  appendFileSync(join(tree, "src/daemon/main.ts"), '\nprocess.title = "changed";\n');
  expect(build().buildId).not.toBe(before.buildId);
});

it("the command line starts as a program of its own", () => {
  build();
  expect(statSync(join(tree, "dist/cli.js")).mode & 0o777).toBe(0o755);
  const { stdout } = spawnSync(join(tree, "dist/cli.js"), ["version"], { encoding: "utf8" });
  expect(stdout).toContain(packageVersion());
});

it("a build that fails says why, keeps the last one and leaves nothing behind", () => {
  const before = build();
  writeFileSync(join(tree, "src/daemon/broken.ts"), "export const broken = ;");
  appendFileSync(join(tree, "src/daemon/main.ts"), '\nimport "./broken.js";\n');
  const { status, stderr } = spawnSync(process.execPath, ["build/build.mjs"], { cwd: tree, encoding: "utf8" });
  expect(status).toBe(1);
  expect(stderr).toContain("src/daemon/broken.ts:1:22");
  expect(JSON.parse(read(join(tree, "dist/build-info.json")))).toEqual(before);
  expect(unfinishedBuilds()).toEqual([]);
});

function build(): BuildInfo {
  const { status, stderr } = spawnSync(process.execPath, ["build/build.mjs"], { cwd: tree, encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return JSON.parse(read(join(tree, "dist/build-info.json"))) as BuildInfo;
}

function unfinishedBuilds(): string[] {
  return readdirSync(join(tree, ".cache")).filter((name) => name.startsWith("build-"));
}

function packageVersion(): string {
  return (JSON.parse(read(join(tree, "package.json"))) as { version: string }).version;
}

function read(file: string): string {
  return readFileSync(file, "utf8");
}
