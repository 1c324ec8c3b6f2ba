import { getCurrentFuseWire, FuseV1Options } from "@electron/fuses";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PACKAGES_MS } from "../../fixtures/bounds.js";
import { AppWindow, TEXT } from "../../fixtures/app/app-window.js";
import { Desktop } from "../../fixtures/desktop/desktop.js";
import { attach, startPackaged } from "../../fixtures/packages/packaged-app.js";
import { packageOf } from "../../fixtures/packages/packages.js";
import { Sandbox } from "../../fixtures/sandbox.js";

const run = promisify(execFile);
const VERSION = "7.1.0";

/** `extractFile` and `listPackage` of electron-builder's own archiver. */
const asar = createRequire(createRequire(import.meta.url).resolve("electron-builder"))("@electron/asar") as {
  listPackage(archive: string, options: { isPack: boolean }): string[];
  extractFile(archive: string, file: string): Buffer;
};

let unpacked: string;
let sandbox: Sandbox;
beforeAll(async () => {
  unpacked = await packageOf("dir", { version: VERSION });
  sandbox = new Sandbox();
}, PACKAGES_MS);
afterAll(() => sandbox.close());

const filesUnder = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));

describe("the packaged app", () => {
  it("the packaged app has a release's fuses: it runs as Node for the daemon and loads no other code", async () => {
    const wire: Record<number, unknown> = { ...(await getCurrentFuseWire(join(unpacked, "lockstep-app"))) };
    const isOn = (fuse: FuseV1Options): boolean => String.fromCharCode(Number(wire[fuse])) === "1";
    expect({
      runAsNode: isOn(FuseV1Options.RunAsNode),
      cookieEncryption: isOn(FuseV1Options.EnableCookieEncryption),
      nodeOptions: isOn(FuseV1Options.EnableNodeOptionsEnvironmentVariable),
      nodeInspect: isOn(FuseV1Options.EnableNodeCliInspectArguments),
      asarIntegrity: isOn(FuseV1Options.EnableEmbeddedAsarIntegrityValidation),
      onlyAsar: isOn(FuseV1Options.OnlyLoadAppFromAsar),
      fileProtocolPrivileges: isOn(FuseV1Options.GrantFileProtocolExtraPrivileges),
    }).toEqual({
      runAsNode: true,
      cookieEncryption: true,
      nodeOptions: false,
      nodeInspect: false,
      asarIntegrity: true,
      onlyAsar: true,
      fileProtocolPrivileges: false,
    });
  });

  it("the packaged app takes no code from NODE_OPTIONS, even as Node", async () => {
    const trap = join(sandbox.root, "trap.cjs");
    const { stdout } = await run(join(unpacked, "resources/bin/lockstep"), ["--version"], {
      env: { ...process.env, NODE_OPTIONS: `--require ${trap}`, LOCKSTEP_DIR: sandbox.dir },
    });
    expect(stdout).toContain(`lockstep ${VERSION} `);
  });

  it("the packaged app contains what it needs and no development files", () => {
    const archived = asar.listPackage(join(unpacked, "resources/app.asar"), { isPack: false });
    expect(archived).toEqual(expect.arrayContaining(["/package.json", "/dist/electron/main.cjs"]));
    expect(archived.filter((file) => !/^\/(package\.json$|dist($|\/(electron|renderer|icons)))/.test(file))).toEqual(
      [],
    );

    const resources = filesUnder(join(unpacked, "resources"));
    const wanted = ["bin/lockstep", "lockstep/cli.js", "lockstep/daemon.js", "lockstep/build-info.json"];
    expect(resources).toEqual(expect.arrayContaining(["app.asar", ...wanted, "lockstep/LICENSE"]));
    const known = /^(app\.asar|app-update\.yml|bin\/lockstep|lockstep\/|node_modules\/(koffi|@koromix)\/)/;
    expect(resources.filter((file) => !known.test(file))).toEqual([]);
    const ofDevelopment = /\.(ts|tsx|map|cc|hh)$|(^|\/)(test|types|default_app)(\/|\.)|CMakeLists|electron-builder/;
    expect([...archived, ...filesUnder(unpacked)].filter((file) => ofDevelopment.test(file))).toEqual([]);
    expect(filesUnder(unpacked)).toEqual(expect.arrayContaining(["LICENSE.electron.txt", "LICENSES.chromium.html"]));
  });

  it("the packaged app has one version everywhere, and only its owner can change it", () => {
    const manifest = JSON.parse(
      asar.extractFile(join(unpacked, "resources/app.asar"), "package.json").toString(),
    ) as Record<string, unknown>;
    const buildInfo = JSON.parse(readFileSync(join(unpacked, "resources/lockstep/build-info.json"), "utf8")) as object;
    expect(manifest["version"]).toBe(VERSION);
    expect(manifest["dependencies"]).toBeUndefined();
    expect(buildInfo).toMatchObject({ version: VERSION });
    const loose = filesUnder(unpacked).filter((file) => (statSync(join(unpacked, file)).mode & 0o022) !== 0);
    expect(loose).toEqual([]);
  });

  it("the packaged app runs its command line and its daemon on its own", async () => {
    const env = { HOME: sandbox.root, LOCKSTEP_DIR: sandbox.dir, PATH: "/usr/bin:/bin" };
    const lockstep = join(unpacked, "resources/bin/lockstep");
    const { stdout } = await run(lockstep, ["call", "memory", "read_graph"], { env, cwd: "/" });
    expect(JSON.parse(stdout)).toEqual({ entities: [], relations: [] });
    const status = JSON.parse((await run(lockstep, ["status", "--json"], { env })).stdout) as Record<string, unknown>;
    expect(status).toMatchObject({
      inStep: true,
      version: VERSION,
      installRoot: join(unpacked, "resources/lockstep"),
      execPath: join(unpacked, "lockstep-app"),
    });
    await run(lockstep, ["stop"], { env });
  });

  it("the packaged app shows its daemon in its window", async () => {
    const desktop = await Desktop.start({ panel: false });
    const app = startPackaged(join(unpacked, "lockstep-app"), desktop);
    try {
      const { browser, page } = await attach(desktop);
      const window = new AppWindow(page);
      await window.heading(TEXT.inStep);
      await window.says(VERSION);
      await new AppWindow(page).command({ do: "stop-and-quit" });
      expect(await app.ended).toBe(0);
      await browser.close();
    } finally {
      app.process.kill("SIGKILL");
      await desktop.close();
    }
  });
});
