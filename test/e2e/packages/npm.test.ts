import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { onPath } from "../../../build/setup/system-packages.mjs";
import { COMMAND_MS, PACKAGES_MS } from "../../fixtures/bounds.js";
import { freePort, startEverything } from "../../fixtures/servers/everything-over-http.js";
import { NpmPrefix } from "../../fixtures/packages/npm-prefix.js";
import { NpmRegistry } from "../../fixtures/packages/npm-registry.js";
import { packageOf } from "../../fixtures/packages/packages.js";
import { Sandbox } from "../../fixtures/sandbox.js";

const A = "7.1.0";
const LIMIT_BYTES = 3_000_000;
const READ = ["call", "memory", "read_graph"];

/** Each is given the directory of the completion files as its last argument. */
const SHELLS: [name: string, args: string[], output: string][] = [
  ["bash", ["--norc", "-euc", 'source "$0/lockstep.bash"; complete -p lockstep'], "-F _lockstep lockstep"],
  ["zsh", ["-fec", "fpath=($0 $fpath); autoload -Uz compinit; compinit -D; print $_comps[lockstep]"], "_lockstep"],
  ["fish", ["-Nc", 'source $argv[1]/lockstep.fish; complete -C "lockstep sta"'], "start\t"],
];

let tarball: string;
let registry: NpmRegistry;
beforeAll(async () => {
  tarball = await packageOf("npm", { version: A });
  registry = await NpmRegistry.start();
  await registry.publish(tarball);
}, PACKAGES_MS);
afterAll(() => registry.close());

const filesUnder = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));

describe("the npm package", () => {
  it("the npm package contains command line, daemon and library, and nothing of the app or its development", () => {
    const files = run("tar", ["-tzf", tarball]).stdout.trimEnd().split("\n").sort();
    const declarations = files.filter((file) => /^package\/dist\/types\/.*\.d\.ts$/.test(file));
    expect(declarations.length).toBeGreaterThan(10);
    const bundles = [
      "bridge.js",
      "call-json.js",
      "call-typing.js",
      "cli.js",
      "commands.js",
      "daemon.js",
      "index.js",
      "memory.mjs",
    ];
    const made = ["_lockstep", "lockstep.bash", "lockstep.fish"].map((name) => `completions/${name}`);
    const documents = ["build-info.json", "index.d.ts", "man/lockstep.1", "THIRD-PARTY-LICENSES.txt"];
    const dist = [...bundles, ...made, ...documents].map((name) => `dist/${name}`);
    const others = ["package.json", "README.md", "LICENSE", "CHANGELOG.md", "build/hooks/npm-postinstall.mjs"];
    const expected = [...dist, ...others].map((name) => `package/${name}`);
    expect(files).toEqual([...expected, ...declarations].sort());
    expect(statSync(tarball).size).toBeLessThan(LIMIT_BYTES);
  });

  it("the npm package depends on koffi alone", () => {
    const manifest = JSON.parse(run("tar", ["-xzOf", tarball, "package/package.json"]).stdout) as Record<
      string,
      object
    >;
    expect(Object.keys(manifest["dependencies"]!)).toEqual(["koffi"]);
    expect(manifest["peerDependenciesMeta"]).toEqual({ "@modelcontextprotocol/sdk": { optional: true } });
    expect(manifest["scripts"]).toEqual({ postinstall: "node build/hooks/npm-postinstall.mjs" });
    expect(manifest).not.toHaveProperty("devDependencies");
  });
});

describe("installed globally, without npm's leave to run scripts", { timeout: PACKAGES_MS }, () => {
  let box: Sandbox;
  let prefix: NpmPrefix;
  beforeAll(async () => {
    box = new Sandbox();
    prefix = new NpmPrefix(box, registry, "prefix");
    await prefix.install(A, { hook: false });
  }, PACKAGES_MS);
  afterAll(() => box.close());

  it("a global installation works from the command's link, without Electron or the SDK", () => {
    const called = run(prefix.command, READ, { env: prefix.env, cwd: "/" });
    expect(called).toMatchObject({ stderr: "", status: 0 });
    expect(JSON.parse(called.stdout)).toEqual({ entities: [], relations: [] });
    expect(run(prefix.command, ["--version"], { env: prefix.env }).stdout).toContain(`lockstep ${A} `);
    const packages = filesUnder(join(prefix.package, "node_modules"));
    expect(packages.filter((file) => !/^(koffi|@koromix\/koffi-[^/]+|\.package-lock\.json)(\/|$)/.test(file))).toEqual(
      [],
    );
    const names = filesUnder(prefix.path).filter((file) => !file.includes("/node_modules/koffi/"));
    expect(names.filter((file) => /electron|renderer|\.asar|\.map$|\/src\/(?!koffi)/i.test(file))).toEqual([]);
  });

  it("a global installation reaches remote servers", async () => {
    const port = await freePort();
    await startEverything(port);
    const url = `http://127.0.0.1:${port}/mcp`;
    expect(run(prefix.command, ["add", "far", "--url", url], { env: prefix.env })).toMatchObject({ status: 0 });
    expect(run(prefix.command, ["call", "far", "echo", "message=hello"], { env: prefix.env })).toMatchObject({
      stdout: "Echo: hello\n",
      stderr: "",
      status: 0,
    });
  });

  it("a global installation is a library with types", () => {
    const consumer = join(box.root, "consumer");
    mkdirSync(consumer);
    writeFileSync(
      join(consumer, "uses.ts"),
      `import { wasNeverDelivered, stopDaemon, type DaemonSpec, type ReconnectingOptions } from "lockstep";
       export const sendAgain: boolean = wasNeverDelivered(new Error("something else"));
       export type Both = DaemonSpec & ReconnectingOptions;
       // @ts-expect-error: a spec is no text
       void stopDaemon("lockstep");`,
    );
    const options = { strict: true, noEmit: true, skipLibCheck: true, module: "nodenext", types: ["node"] };
    const typeRoots = [resolve("node_modules/@types")];
    const paths = { lockstep: [join(prefix.dist, "index.d.ts")] };
    const config = { compilerOptions: { ...options, typeRoots, paths }, include: ["uses.ts"] };
    writeFileSync(join(consumer, "tsconfig.json"), JSON.stringify(config));
    const compiled = run(process.execPath, [resolve("node_modules/typescript/bin/tsc"), "-p", consumer]);
    expect(compiled).toMatchObject({ stdout: "", status: 0 });
    const script = `console.log(require("lockstep").wasNeverDelivered(new Error("something else")))`;
    const env = { ...prefix.env, NODE_PATH: join(prefix.path, "lib/node_modules") };
    expect(run(process.execPath, ["-e", script], { env })).toMatchObject({ stdout: "false\n", stderr: "" });
  });

  it.skipIf(onPath("man") === undefined)("a global installation has a manual page", () => {
    const found = run("man", ["-M", join(prefix.path, "share/man"), "-w", "lockstep"]).stdout.trim();
    expect(realpathSync(found)).toBe(realpathSync(join(prefix.dist, "man/lockstep.1")));
    expect(run("man", [found]).stdout).toContain(`Lockstep ${A}`);
  });

  for (const [shell, args, output] of SHELLS) {
    it.skipIf(onPath(shell) === undefined)(`a global installation completes commands in ${shell}`, () => {
      const completed = run(shell, [...args, join(prefix.dist, "completions")]);
      expect(completed).toMatchObject({ stderr: "", status: 0 });
      expect(completed.stdout).toContain(output);
    });
  }

  it("a global installation lists the licence of everything it contains", () => {
    const licences = readFileSync(join(prefix.dist, "THIRD-PARTY-LICENSES.txt"), "utf8");
    for (const name of ["koffi", "@modelcontextprotocol/sdk", "zod", "jsonc-parser", "semver"]) {
      expect(licences).toMatch(new RegExp(`^${name} \\d`, "m"));
    }
  });

  it("uninstalling leaves the user's data and nothing else", async () => {
    expect(run(prefix.command, ["stop"], { env: prefix.env })).toMatchObject({ status: 0 });
    await prefix.uninstall();
    expect(filesUnder(prefix.path).filter((file) => file !== "lib/node_modules/.package-lock.json")).toEqual([]);
    expect(filesUnder(prefix.home)).toEqual([]);
    const locks = ["restart.lock", "daemon.lock", "servers.lock"];
    const data = ["servers.json", "server-hellos.json", "memory.jsonl", "serve.log", ...locks];
    const isData = (file: string): boolean => data.includes(file) || file.startsWith("catalogue/");
    expect(filesUnder(box.dir).filter((file) => !isData(file))).toEqual([]);
    expect(existsSync(join(box.dir, "servers.json"))).toBe(true);
  });
});

function run(command: string, args: string[], options: { env?: NodeJS.ProcessEnv; cwd?: string } = {}) {
  return spawnSync(command, args, { encoding: "utf8", timeout: COMMAND_MS, ...options });
}
