import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { buildSync } from "esbuild";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { tryLock } from "../../../src/state/lock.js";
import { runningAppImage } from "../../../src/install/running-appimage.js";
import { stageRuntime, StagingError } from "../../../src/install/stage-runtime.js";
import { readStaged, runtimePaths, type RuntimePaths } from "../../../src/install/runtime-directory.js";

let root: string;
let paths: RuntimePaths;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "stage-"));
  paths = runtimePaths({ XDG_DATA_HOME: join(root, "data") });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A mount with the files of an AppImage, small ones; its binary is this Node. */
function mountOf(version: string, more: Record<string, string> = {}): string {
  const mount = join(root, `mount-${version}`);
  const files = {
    "lockstep-app": `#!/bin/sh\nexec '${process.execPath}' "$@"\n`,
    AppRun: "",
    "libEGL.so": "graphics",
    "icudtl.dat": `icu ${version}`,
    "resources/app.asar": "the window",
    "resources/bin/lockstep": "#!/bin/sh\n",
    "resources/lockstep/cli.js": `console.log("lockstep ${version}")`,
    "resources/lockstep/daemon.js": `// ${version}`,
    "resources/lockstep/build-info.json": JSON.stringify({ version }),
    "resources/node_modules/koffi/index.cjs": "",
    ...more,
  };
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(mount, file)), { recursive: true });
    writeFileSync(join(mount, file), content);
    chmodSync(join(mount, file), content.startsWith("#!") ? 0o775 : 0o664);
  }
  return mount;
}

function appImage(name: string): string {
  const file = join(root, name);
  writeFileSync(file, "");
  return file;
}

function stage(version: string, file = appImage("Lockstep.AppImage"), mount = mountOf(version), to = paths) {
  const mine = { version, buildId: `build-${version}`, appImage: file };
  let copied = false;
  return stageRuntime({
    running: { file, mount },
    mine,
    execPath: join(mount, "lockstep-app"),
    paths: to,
    onCopy: () => (copied = true),
  }).then((decision) => ({ decision, copied }));
}

const versionInPlace = (): string =>
  (JSON.parse(readFileSync(join(paths.runtime, "resources/lockstep/build-info.json"), "utf8")) as { version: string })
    .version;
const filesIn = (directory: string): string[] => readdirSync(directory, { recursive: true }).map(String).sort();

describe.runIf(process.platform === "linux")("staging the runtime of an AppImage", () => {
  it("copies what daemon and command line need, writable only by the user", async () => {
    expect(await stage("1.0.0")).toEqual({ decision: { do: "stage", why: "nothing-staged" }, copied: true });
    expect(filesIn(paths.runtime).filter((file) => statSync(join(paths.runtime, file)).isFile())).toEqual([
      "icudtl.dat",
      "lockstep-app",
      "resources/bin/lockstep",
      "resources/lockstep/build-info.json",
      "resources/lockstep/cli.js",
      "resources/lockstep/daemon.js",
      "resources/node_modules/koffi/index.cjs",
      "source.json",
    ]);
    const loose = filesIn(paths.home).filter((file) => (statSync(join(paths.home, file)).mode & 0o022) !== 0);
    expect(loose).toEqual([]);
    expect(statSync(join(paths.runtime, "lockstep-app")).mode & 0o777).toBe(0o755);
    expect(readStaged(paths)).toEqual({
      version: "1.0.0",
      buildId: "build-1.0.0",
      appImage: join(root, "Lockstep.AppImage"),
      complete: true,
      appImageExists: true,
    });
  });

  it("copies nothing if the same build is staged already", async () => {
    await stage("1.0.0");
    expect(await stage("1.0.0")).toEqual({ decision: { do: "keep" }, copied: false });
  });

  it("replaces an older runtime at the same path, with none of its files left", async () => {
    await stage("1.0.0", undefined, mountOf("1.0.0", { "resources/lockstep/of-old.js": "" }));
    const before = statSync(join(paths.runtime, "icudtl.dat")).ino;
    await stage("1.1.0");
    expect(versionInPlace()).toBe("1.1.0");
    expect(statSync(join(paths.runtime, "icudtl.dat")).ino).not.toBe(before);
    expect(existsSync(join(paths.runtime, "resources/lockstep/of-old.js"))).toBe(false);
    expect(readdirSync(paths.home).sort()).toEqual(["runtime", "runtime.lock"]);
  });

  it("a user without privileges can stage files that the packager made read-only", async () => {
    const mount = mountOf("1.0.0");
    chmodSync(join(mount, "icudtl.dat"), 0o444);
    chmodSync(join(mount, "resources/lockstep/cli.js"), 0o444);
    // The run's own temporary directory is closed to other users.
    const home = mkdtempSync("/tmp/stage-");
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    renameSync(mount, join(home, "mount"));
    const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    if (user.uid !== undefined) chownSync(home, user.uid, user.gid);
    const program = join(home, "stage.cjs");
    buildSync({
      stdin: {
        contents: `
          import { stageRuntime } from "./install/stage-runtime.js";
          import { runtimePaths } from "./install/runtime-directory.js";
          process.umask(0o002);
          const [home] = process.argv.slice(2);
          const mount = home + "/mount";
          stageRuntime({
            running: { file: home + "/x.AppImage", mount },
            mine: { version: "1.0.0", buildId: "b", appImage: home + "/x.AppImage" },
            execPath: mount + "/lockstep-app",
            paths: runtimePaths({ XDG_DATA_HOME: home + "/data" }),
            onCopy: () => {},
          }).then(({ do: what }) => console.log(what));
        `,
        resolveDir: resolve("src"),
        loader: "ts",
      },
      outfile: program,
      bundle: true,
      platform: "node",
      target: "node20.18",
      format: "cjs",
      external: ["koffi"],
    });
    // koffi, which locks the directory, has to be readable for that user.
    for (const name of ["koffi", "@koromix"]) {
      cpSync(resolve("node_modules", name), join(home, "node_modules", name), { recursive: true });
    }
    const staged = spawnSync(process.execPath, [program, home], { ...user, encoding: "utf8", cwd: home });
    expect([staged.stdout, staged.stderr]).toEqual(["stage\n", ""]);
    const there = runtimePaths({ XDG_DATA_HOME: join(home, "data") });
    expect(readStaged(there)).toMatchObject({ version: "1.0.0", complete: true });
    const loose = filesIn(there.home).filter((file) => (statSync(join(there.home, file)).mode & 0o022) !== 0);
    expect(loose).toEqual([]);
  });

  it("what an interrupted exchange left behind is removed, and does not stop the next upgrade", async () => {
    await stage("1.0.0");
    mkdirSync(`${paths.fresh}.old/resources`, { recursive: true });
    expect(await stage("1.0.0")).toEqual({ decision: { do: "keep" }, copied: false });
    expect(readdirSync(paths.home).sort()).toEqual(["runtime", "runtime.lock"]);
    mkdirSync(`${paths.fresh}.old/resources`, { recursive: true });
    await stage("1.1.0");
    expect(versionInPlace()).toBe("1.1.0");
    expect(readdirSync(paths.home).sort()).toEqual(["runtime", "runtime.lock"]);
  });

  it("keeps a newer runtime of another AppImage", async () => {
    await stage("2.0.0", appImage("newer.AppImage"));
    expect(await stage("1.0.0")).toEqual({ decision: { do: "keep" }, copied: false });
    expect(versionInPlace()).toBe("2.0.0");
  });

  it("replaces the runtime of a removed AppImage, and follows a renamed one without copying", async () => {
    const first = appImage("newer.AppImage");
    await stage("2.0.0", first);
    const renamed = join(root, "renamed.AppImage");
    renameSync(first, renamed);
    expect(await stage("2.0.0", renamed)).toEqual({ decision: { do: "adopt" }, copied: false });
    expect(readStaged(paths)).toMatchObject({ appImage: renamed, complete: true });
    rmSync(renamed);
    expect((await stage("1.0.0")).decision).toEqual({ do: "stage", why: "appimage-gone" });
  });

  it.each([
    ["missing", (file: string) => rmSync(file)],
    ["cut", (file: string) => writeFileSync(file, "")],
  ])("stages again if a file of the runtime is %s", async (_, damage) => {
    await stage("1.0.0");
    damage(join(paths.runtime, "icudtl.dat"));
    expect((await stage("1.0.0")).decision).toEqual({ do: "stage", why: "incomplete" });
    expect(readStaged(paths)).toMatchObject({ complete: true });
  });

  it("an interrupted copy is started over", async () => {
    await stage("1.0.0");
    mkdirSync(join(paths.fresh, "resources"), { recursive: true });
    writeFileSync(join(paths.fresh, "half"), "");
    await stage("1.1.0");
    expect(versionInPlace()).toBe("1.1.0");
    expect(existsSync(join(paths.runtime, "half"))).toBe(false);
    expect(existsSync(paths.fresh)).toBe(false);
  });

  it("keeps the old runtime if the new one does not run, and reports its output", async () => {
    await stage("1.0.0");
    const broken = stage(
      "1.1.0",
      undefined,
      mountOf("1.1.0", { "resources/lockstep/cli.js": "throw Error('no icu')" }),
    );
    await expect(broken).rejects.toThrow(/does not run; it failed with: [^]*no icu/);
    expect(versionInPlace()).toBe("1.0.0");
    expect(existsSync(paths.fresh)).toBe(false);
  });

  it("keeps the old runtime if the new one cannot be read, and reports why and how to fix it", async () => {
    await stage("1.0.0");
    const mount = mountOf("1.1.0");
    rmSync(join(mount, "resources/node_modules"), { recursive: true });
    const failed = stage("1.1.0", undefined, mount);
    await expect(failed).rejects.toThrow(StagingError);
    await expect(failed).rejects.toThrow(/^Lockstep 1\.1\.0 could not be installed in .*\/runtime: .*Fix that/);
    expect(versionInPlace()).toBe("1.0.0");
  });

  it("copies once if several apps start at once", async () => {
    const all = await Promise.all([stage("1.0.0"), stage("1.0.0"), stage("1.0.0")]);
    expect(all.filter(({ copied }) => copied)).toHaveLength(1);
    expect(readStaged(paths)).toMatchObject({ complete: true });
  });

  it("waits while another app is staging", async () => {
    mkdirSync(paths.home, { recursive: true, mode: 0o700 });
    const held = tryLock(paths.lock);
    const waiting = stage("1.0.0");
    // One that need not wait comes to its end meanwhile.
    await stage("1.0.0", undefined, undefined, runtimePaths({ XDG_DATA_HOME: join(root, "free") }));
    expect(existsSync(paths.fresh) || existsSync(paths.runtime)).toBe(false);
    held?.release();
    await waiting;
    expect(versionInPlace()).toBe("1.0.0");
  });

  it.each<[string, () => void, RegExp]>([
    [
      "others may write to",
      () => chmodSync(paths.runtime, 0o775),
      /can be written by others \(mode 775\): chmod 700 "/,
    ],
    ["is a file", () => (rmSync(paths.runtime, { recursive: true }), writeFileSync(paths.runtime, "")), /is a file: /],
    [
      "is a link",
      () => (renameSync(paths.runtime, join(root, "away")), symlinkSync(join(root, "away"), paths.runtime)),
      /is a link: remove it/,
    ],
  ])("refuses a runtime directory that %s", async (_, spoil, message) => {
    await stage("1.0.0");
    spoil();
    await expect(stage("1.1.0")).rejects.toThrow(message);
  });

  it("refuses a data directory that others may write to", async () => {
    mkdirSync(paths.home, { recursive: true });
    chmodSync(paths.home, 0o777);
    await expect(stage("1.0.0")).rejects.toThrow(/\/lockstep can be written by others/);
  });

  it("the runtime is never missing, not even during the exchange", async () => {
    await stage("1.0.0");
    const file = join(paths.runtime, "resources/lockstep/build-info.json");
    const script = `const{readFileSync}=require("fs");process.send("on");let end=false,n=0;process.on("message",()=>end=true);
      (function look(){for(let i=0;i<200;i++,n++)readFileSync(${JSON.stringify(file)});if(end){console.log(n);process.exit(0)}setImmediate(look)})()`;
    const reader = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const ended = new Promise<number | null>((resolve) => reader.once("exit", resolve));
    await new Promise((resolve) => reader.once("message", resolve));
    for (const version of ["1.1.0", "1.2.0", "1.3.0"]) await stage(version);
    if (reader.connected) reader.send("end");
    expect(await ended).toBe(0);
  });
});

it("the running AppImage is the one that contains this program's binary", () => {
  const mount = mountOf("1.0.0");
  const file = appImage("L.AppImage");
  const link = join(root, "link.AppImage");
  symlinkSync(file, link);
  const binary = join(mount, "lockstep-app");
  expect(runningAppImage({ APPIMAGE: link, APPDIR: `${mount}/` }, binary)).toEqual({ file, mount });
  expect(runningAppImage({ APPIMAGE: file, APPDIR: join(root, "mount-of-an-editor") }, binary)).toBeUndefined();
  expect(runningAppImage({ APPIMAGE: file }, binary)).toBeUndefined();
  expect(runningAppImage({}, binary)).toBeUndefined();
});

it("the runtime is in the user's data directory", () => {
  expect(runtimePaths({ HOME: "/home/ada" }).runtime).toBe("/home/ada/.local/share/lockstep/runtime");
  expect(runtimePaths({ HOME: "/home/ada", XDG_DATA_HOME: "/d" }).runtime).toBe("/d/lockstep/runtime");
  expect(runtimePaths({ HOME: "/home/ada", XDG_DATA_HOME: "d" }).runtime).toBe(
    "/home/ada/.local/share/lockstep/runtime",
  );
});
