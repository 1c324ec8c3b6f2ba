import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { it as base } from "../fixtures/it/with-directory.js";

const BUILD = join(import.meta.dirname, "../../build");

/** Stands for the bundler, which the small tree has no packages for: as quick, and as particular about its sources. */
const SMALL_BUILD = `
  import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
  import { fingerprint, writeBuildStamp } from "./bundle/inputs.mjs";
  const inputs = fingerprint(process.cwd(), { release: false });
  if (readFileSync("src/main.ts", "utf8").includes("?")) throw new Error("src/main.ts makes no sense");
  mkdirSync("dist", { recursive: true });
  writeFileSync("dist/build-info.json", "{}");
  writeBuildStamp(process.cwd(), inputs);
`;

/** A small project with our set-up in it. */
const it = base.extend("tree", ({ directory: tree }) => {
  cpSync(BUILD, join(tree, "build"), { recursive: true });
  writeFileSync(join(tree, "build/build.mjs"), SMALL_BUILD);
  mkdirSync(join(tree, "src"));
  writeFileSync(join(tree, "src/main.ts"), "1");
  writeFileSync(join(tree, "tsconfig.json"), "{}");
  // One dependency, from the tree itself: npm has something to install and nothing to fetch.
  const manifest = { name: "small", version: "1.0.0", dependencies: { friend: "file:friend" } };
  const friend = { name: "friend", version: "1.0.0" };
  mkdirSync(join(tree, "friend"));
  writeJson(tree, "friend/package.json", friend);
  writeJson(tree, "package.json", manifest);
  const packages = { "": manifest, friend, "node_modules/friend": { resolved: "friend", link: true } };
  writeJson(tree, "package-lock.json", { name: "small", version: "1.0.0", lockfileVersion: 3, packages });
  return tree;
});

it("the first set-up installs and builds, the second does and prints nothing", ({ tree }) => {
  expect(setUp(tree)).toMatchObject({ steps: ["installing npm packages", "building dist"], status: 0 });
  expect(setUp(tree)).toMatchObject({ output: "", status: 0 });
});

it("set-up repeats only what changed", ({ tree }) => {
  setUp(tree);
  writeFileSync(join(tree, "src/main.ts"), "1 + 1");
  expect(setUp(tree).steps).toEqual(["building dist"]);
  rmSync(join(tree, "dist"), { recursive: true });
  expect(setUp(tree).steps).toEqual(["building dist"]);
});

it("an interrupted installation is repeated", ({ tree }) => {
  setUp(tree);
  // npm itself leaves a node_modules that looks whole; what is missing is the stamp that set-up writes afterwards.
  rmSync(join(tree, "node_modules/.lockstep-install"));
  expect(setUp(tree).steps).toEqual(["installing npm packages"]);
});

it("packages that another program removed are installed again", ({ tree }) => {
  setUp(tree);
  // What an interrupted `npm ci` leaves: the stamp may be gone last.
  rmSync(join(tree, "node_modules/friend"), { recursive: true });
  expect(setUp(tree).steps).toEqual(["installing npm packages"]);
});

it("packages of another branch are replaced", ({ tree }) => {
  setUp(tree);
  appendFileSync(join(tree, "package-lock.json"), "\n");
  expect(setUp(tree).steps).toEqual(["installing npm packages", "building dist"]);
});

it.for([
  ["whose home can't be written", { HOME: "/dev/null", npm_config_cache: undefined, XDG_CACHE_HOME: undefined }],
  ["without HOME", { HOME: undefined, npm_config_cache: undefined, XDG_CACHE_HOME: undefined }],
] as const)("the set-up works for a user %s", ([, env], { tree }) => {
  expect(setUp(tree, env)).toMatchObject({ steps: ["installing npm packages", "building dist"], status: 0 });
  expect(setUp(tree, env)).toMatchObject({ output: "", status: 0 });
});

it.for([["build.mjs"], ["package.mjs", "npm"], ["format.mjs"], ["soak.mjs"], ["check.mjs"], ["test.mjs", "unit"]])(
  "a bare clone is set up by build/%s before anything else",
  ([program = "", ...args], { tree }) => {
    cpSync(join(BUILD, "build.mjs"), join(tree, "build/build.mjs"));
    for (const suite of ["unit", "model", "integration", "e2e"])
      mkdirSync(join(tree, "test", suite), { recursive: true });
    // What cleans up after a test run that is killed.
    cpSync(join(BUILD, "../test/guard-run.mjs"), join(tree, "test/guard-run.mjs"));
    const { stderr } = spawnSync(process.execPath, [`build/${program}`, ...args], { cwd: tree, encoding: "utf8" });
    // What comes next fails, since this tree does not have the packages.
    expect(stderr).toMatch(/^set-up: installing npm packages \.\.\. [\d.]+ s\n/);
  },
);

it("a failing step shows its output and ends the set-up", ({ tree }) => {
  writeFileSync(join(tree, "src/main.ts"), "?");
  const { status, output } = setUp(tree);
  expect(status).toBe(1);
  expect(output).toContain("src/main.ts makes no sense");
  expect(setUp(tree).steps).toEqual(["building dist"]);
});

it("a failed installation leaves nothing that looks installed", ({ tree }) => {
  writeJson(tree, "package.json", { name: "small", dependencies: { "left-out": "1.0.0" } });
  const { status, output } = setUp(tree);
  expect(status).toBe(1);
  expect(output).toContain("npm ci");
  expect(output).toContain("left-out");
  expect(setUp(tree).steps).toEqual(["installing npm packages"]);
});

function setUp(
  tree: string,
  changes: NodeJS.ProcessEnv = {},
): { status: number | null; output: string; steps: string[] } {
  // With a display, to start would want Electron too.
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["build/setup/setup.mjs", "start"], {
    cwd: tree,
    env: { ...env, ...changes },
    encoding: "utf8",
  });
  const steps = [...stderr.matchAll(/^set-up: (.*?) \.\.\. /gm)].map((match) => match[1]!);
  return { status, output: stdout + stderr, steps };
}

function writeJson(tree: string, file: string, content: object): void {
  writeFileSync(join(tree, file), JSON.stringify(content));
}
