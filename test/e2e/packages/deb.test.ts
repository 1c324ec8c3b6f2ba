import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, lstatSync, readFileSync, realpathSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { onPath } from "../../../build/setup/system-packages.mjs";
import { followDaemon, type ReconnectingClient } from "../../../src/client/follow/reconnecting-client.js";
import { lockstepSpec } from "../../../src/client/spec/lockstep-spec.js";
import { METHOD } from "../../../src/wire/control.js";
import { PACKAGES_MS, onSlowest } from "../../fixtures/bounds.js";
import { AppWindow, BUTTON, TEXT } from "../../fixtures/app/app-window.js";
import { APP, BINARY, LOCKSTEP, packageProcesses, takeTurn } from "../../fixtures/packages/deb.js";
import { Desktop } from "../../fixtures/desktop/desktop.js";
import { OtherUser } from "../../fixtures/packages/other-user.js";
import { attach, startPackaged, type PackagedApp } from "../../fixtures/packages/packaged-app.js";
import { packageOf } from "../../fixtures/packages/packages.js";
import { isAlive, Sandbox, signal, until } from "../../fixtures/sandbox.js";

const A = "7.1.0";
const B = "7.2.0";
const CODE = `${APP}/resources/lockstep`;
const READ = ["call", "memory", "read_graph"];
const TURNS = 50;
/** A hook has this long, ms. */
const HOOK_BOUND_MS = onSlowest(5_000);

const turn = await takeTurn();
const why = turn.skip === undefined ? "" : ` (skipped: ${turn.skip})`;

describe.skipIf(turn.skip !== undefined)(`the deb${why}`, { timeout: PACKAGES_MS }, () => {
  let box: Sandbox;
  let user: OtherUser;
  let desktop: Desktop;
  let app: PackagedApp;
  let browser: Browser;
  let window: AppWindow;
  let older: string;
  let npmDaemon: number;
  const machine = turn.skip === undefined ? turn.machine : undefined!;
  const debs = { [A]: "", [B]: "" };

  beforeAll(async () => {
    for (const version of [A, B] as const) debs[version] = await packageOf("deb", { version });
    box = new Sandbox();
    user = new OtherUser();
    desktop = await Desktop.start({ panel: false });
    older = box.installation("npm", { version: "1.0.0" });
    await machine.install(debs[A]);
  }, PACKAGES_MS);

  afterAll(async () => {
    await browser?.close();
    await machine.leave();
    app?.process.kill("SIGKILL");
    await user.close();
    await box.run(["stop", "--dir", join(box.root, "npm")]);
    await box.close();
    await desktop.close();
  }, PACKAGES_MS);

  /** Opens the window of the app that was started after `after` (ms since the epoch). */
  async function openWindow(after?: number): Promise<void> {
    const attached = await attach(desktop, after);
    browser = attached.browser;
    window = new AppWindow(attached.page);
  }

  /** The installed command line, as root, in the sandbox's state directory. */
  const lockstep = (...args: string[]) =>
    spawnSync(LOCKSTEP, args, { env: { ...process.env, LOCKSTEP_DIR: box.dir }, encoding: "utf8" });
  const statusOf = async (name: string): Promise<Record<string, unknown>> =>
    JSON.parse((await user.run("lockstep", ["status", "--json", "--dir", user.dir(name)])).stdout) as Record<
      string,
      unknown
    >;
  const rootDaemon = (): ReconnectingClient =>
    followDaemon(lockstepSpec({ codeDir: CODE, execPath: BINARY, env: process.env, electron: true }, box.dir), {
      client: {
        clientInfo: { name: "test", version: "1" },
        hello: { role: "library", pid: process.pid, server: "memory" },
      },
    });

  it("the deb's files belong to root, and no other user can change them", () => {
    const files = execFileSync("dpkg", ["--listfiles", "lockstep"], { encoding: "utf8" }).trim().split("\n");
    expect(files).toEqual(expect.arrayContaining([BINARY, LOCKSTEP, "/usr/share/man/man1/lockstep.1.gz"]));
    const strange = files
      .filter((file) => file !== `${APP}/chrome-sandbox`)
      .map((file) => ({ file, stat: lstatSync(file) }))
      .filter(({ stat }) => !stat.isSymbolicLink())
      .filter(({ stat }) => stat.uid !== 0 || stat.gid !== 0 || ![0o755, 0o644].includes(stat.mode & 0o7777));
    expect(strange).toEqual([]);
    // Root's own only where an ordinary user cannot have a namespace.
    const namespaces = spawnSync("unshare", ["--user", "true"], { uid: user.uid, gid: user.uid }).status === 0;
    expect(lstatSync(`${APP}/chrome-sandbox`).mode & 0o7777).toBe(namespaces ? 0o755 : 0o4755);
    // apt and dpkg may run these scripts again at any time.
    for (const script of ["postinst", "prerm", "postrm"]) {
      const verb = { postinst: "configure", prerm: "upgrade", postrm: "upgrade" }[script] ?? "";
      const ran = spawnSync(`/var/lib/dpkg/info/lockstep.${script}`, [verb, B], { encoding: "utf8" });
      expect([script, ran.status, ran.stderr, ran.stdout]).toEqual([script, 0, "", ""]);
    }
  });

  it("the deb installs command, manual, completions, menu entry and licences where the system expects them", async () => {
    expect(realpathSync(LOCKSTEP)).toBe(`${APP}/resources/bin/lockstep`);
    expect((await user.run("lockstep", ["--version"])).stdout).toContain(`lockstep ${A} `);
    expect(gunzipSync(readFileSync("/usr/share/man/man1/lockstep.1.gz")).toString()).toBe(
      readFileSync(`${CODE}/man/lockstep.1`, "utf8"),
    );
    if (onPath("man")) expect(lockstepManual()).toBe("/usr/share/man/man1/lockstep.1.gz");
    const completions: Record<string, string> = {
      bash: "bash-completion/completions/lockstep",
      zsh: "zsh/vendor-completions/_lockstep",
      fish: "fish/vendor_completions.d/lockstep.fish",
    };
    for (const [shell, file] of Object.entries(completions)) {
      const { stdout } = await user.run("lockstep", ["completion", shell]);
      expect(readFileSync(`/usr/share/${file}`, "utf8").trim()).toBe(stdout.trim());
    }
    const entry = readFileSync("/usr/share/applications/lockstep.desktop", "utf8");
    expect(entry).toContain(`Exec=${BINARY} `);
    expect(entry).toContain("StartupWMClass=lockstep\n");
    const icon = /^Icon=(.*)$/m.exec(entry)?.[1];
    for (const size of ["16x16", "48x48", "256x256"]) {
      expect(existsSync(`/usr/share/icons/hicolor/${size}/apps/${icon}.png`)).toBe(true);
    }
    const copyright = readFileSync("/usr/share/doc/lockstep/copyright", "utf8");
    expect(copyright).toMatch(/^Copyright: \d{4} Lockstep contributors$/m);
    const named = [...copyright.matchAll(/ (\/opt\S+)/g)].map(([, path]) => path ?? "");
    expect(named.map((path) => [path, existsSync(path)])).toEqual(named.map((path) => [path, true]));
    expect(named).toHaveLength(3);
  });

  it("the deb runs for every user, each with their own daemon", async () => {
    app = startPackaged(BINARY, desktop, { LOCKSTEP_DIR: box.dir });
    await openWindow();
    await window.heading(TEXT.inStep);
    expect(await user.run("lockstep", READ)).toMatchObject({ code: 0, stderr: "" });
    expect(await user.run("lockstep", ["start", "--dir", user.dir("idle")])).toMatchObject({ code: 0 });
    expect(await statusOf("idle")).toMatchObject({
      inStep: true,
      version: A,
      execPath: BINARY,
      installRoot: CODE,
      codeOnDisk: { state: "unchanged", version: A },
    });
    expect((await box.run(["start", "--dir", join(box.root, "npm")], { from: older })).code).toBe(0);
    npmDaemon = Number(readFileSync(join(box.root, "npm/serve.pid"), "utf8"));
  });

  it("a daemon is started from the new binary when the deb's binary is replaced while a command starts", async () => {
    const dir = join(box.root, "replaced");
    copyFileSync(BINARY, `${BINARY}.new`);
    const starting = box.track(
      spawn(BINARY, [`${CODE}/cli.js`, "start", "--dir", dir], { env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" } }),
    );
    // It runs by now, and will not have asked for its own path for tens of milliseconds.
    renameSync(`${BINARY}.new`, BINARY);
    let said = "";
    starting.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
    const [code] = (await once(starting, "close")) as [number | null];
    expect([code, said]).toEqual([0, expect.stringMatching(/^lockstep: starting the daemon [^\n]*\n$/)]);
    const status = JSON.parse(lockstep("status", "--json", "--dir", dir).stdout) as Record<string, unknown>;
    expect(status).toMatchObject({ inStep: true, execPath: BINARY });
    expect(lockstep(...READ, "--dir", dir)).toMatchObject({ status: 0 });
    expect(lockstep("stop", "--dir", dir).status).toBe(0);
  });

  it("the deb starts nothing from missing files, and continues when they are back", async () => {
    const away = `${APP}.away`;
    renameSync(APP, away);
    try {
      const status = (await box.run(["status"], { from: older })).stdout;
      expect(status).toMatch(/its files +were removed; the daemon still works/);
      signal(box.pid(), "SIGKILL");
      await window.says(TEXT.brokenInstallation);
      expect(box.daemons()).toEqual([]);
      expect(app.process.exitCode).toBe(null);
    } finally {
      renameSync(away, APP);
    }
    await window.heading(TEXT.inStep);
  });

  it("a deb upgrade ends stale daemons, loses no call and lets the app offer to relaunch", async () => {
    const loop = await user.startLoop();
    await loop.goesOn();
    const client = rootDaemon();
    await until("connected", () => client.request("tools/list", {}).catch(() => undefined));
    const stale = [user.pid("idle"), box.pid()];
    const startsBefore = box.ledger().length;

    await machine.unpack(debs[B]);
    // Between the two halves of an upgrade: the files are the new ones, the daemons the old ones, and they go on.
    expect(await statusOf("idle")).toMatchObject({ inStep: false, codeOnDisk: { state: "replaced", version: B } });
    expect((await user.run("lockstep", ["status", "--dir", user.dir("idle")])).stdout).toContain(
      `were replaced by ${B}`,
    );
    await client.request(METHOD.serverRestart, { name: "memory" });
    expect(await client.request("tools/call", { name: "read_graph", arguments: {} })).toMatchObject({
      structuredContent: { entities: [] },
    });
    expect(stale.map(isAlive)).toEqual([true, true]);
    const configured = machine.configure();
    await until("the stale daemons are gone", () => !stale.some(isAlive), HOOK_BOUND_MS);
    await configured;
    client.close();
    expect(user.log("idle")).toContain(`daemon: stopping (out of step with ${B}`);

    await loop.goesOn();
    await loop.end();
    expect(loop.codes().filter((code) => code !== 0)).toEqual([]);
    expect(loop.complaints().filter((line) => !isAnnouncement(line))).toEqual([]);
    const log = user.log("s");
    expect(log.match(/daemon: stopping \(/g)).toHaveLength(1);
    expect(log.match(new RegExp(`daemon: ready \\(pid \\d+, version ${B}\\)`, "g"))).toHaveLength(1);
    expect(log.match(/daemon: started after version-mismatch restart/g) ?? []).toHaveLength(loop.complaints().length);
    const graph = JSON.parse((await user.run("lockstep", READ)).stdout) as { entities: { observations: string[] }[] };
    expect(graph.entities[0]?.observations).toEqual(loop.codes().map((_, index) => `call ${index + 1}`));

    await window.heading(TEXT.installed(B));
    // The daemon that the hook has ended was to run, so the app has started its successor, and the relaunched one uses it.
    const started = await until("the app has started a daemon", () => box.ledger()[startsBefore]);
    expect(started).toMatchObject({ did: "start", now: B, by: { role: "tray" } });
    const before = Date.now();
    await window.press(BUTTON.relaunch);
    expect(await app.ended).toBe(0);
    await openWindow(before);
    await window.heading(TEXT.inStep);
    await window.says(B);
    expect(box.ledger()).toHaveLength(startsBefore + 1);
  });

  it("a deb downgrade works in the same way", async () => {
    await user.run("lockstep", READ);
    const stale = user.pid("s");
    await machine.install(debs[A]);
    expect(isAlive(stale)).toBe(false);
    expect(await user.run("lockstep", READ)).toMatchObject({ code: 0, stderr: "" });
    expect(await statusOf("s")).toMatchObject({ inStep: true, version: A });
    await window.heading(TEXT.installed(A));
  });

  it(`the deb and an older npm installation are used ${TURNS} times in turn with one restart and one notice`, async () => {
    const dir = join(box.root, "both");
    const said = { npm: [] as string[], deb: [] as string[] };
    for (let count = 0; count < TURNS; count++) {
      const npm = await box.run([...READ, "--dir", dir], { from: older });
      const deb = lockstep(...READ, "--dir", dir);
      expect([count, npm.code, deb.status]).toEqual([count, 0, 0]);
      if (npm.stderr !== "") said.npm.push(npm.stderr);
      if (deb.stderr !== "") said.deb.push(deb.stderr);
    }
    expect(said.deb).toEqual([expect.stringContaining("restarting the daemon")]);
    expect(said.npm).toHaveLength(1);
    for (const part of ["1.0.0", A, CODE]) expect(said.npm[0]).toContain(part);
    expect(readFileSync(join(dir, "serve.log"), "utf8").match(/daemon: ready/g)).toHaveLength(2);
  });

  it("removing the deb ends everything and leaves only the users' data", async () => {
    const loop = await user.startLoop();
    await loop.goesOn();
    const watching = user.spawn("lockstep", ["status", "--watch"]);
    await user.run("lockstep", ["start", "--dir", user.dir("idle")]);
    lockstep("start");
    expect(packageProcesses().length).toBeGreaterThan(6);

    const files = execFileSync("dpkg", ["--listfiles", "lockstep"], { encoding: "utf8" }).trim().split("\n");
    await machine.remove();
    expect(packageProcesses()).toEqual([]);
    await until("the command that watched is gone", () => watching.exitCode !== null || watching.signalCode !== null);
    await loop.end();
    expect(loop.complaints().filter((line) => !isAnnouncement(line) && !isAboutRemoval(line))).toEqual([]);
    await machine.purge();

    const ours = files.filter((file) => /lockstep/i.test(file));
    expect(ours.filter((file) => existsSync(file))).toEqual([]);
    expect(existsSync("/etc/apparmor.d/lockstep-app")).toBe(false);
    expect(readdirSync(user.dir("s"))).toEqual(expect.arrayContaining(["serve.log", "memory.jsonl"]));
    expect(existsSync(join(desktop.home, ".config/lockstep"))).toBe(true);
    for (const name of ["s", "idle"]) expect(user.log(name)).toMatch(/daemon: stopped \(uptime [^)]*\)\n$/);
    // dpkg does not touch npm's installation.
    expect(isAlive(npmDaemon)).toBe(true);
  });
});

function lockstepManual(): string {
  return execFileSync("man", ["-w", "lockstep"], { encoding: "utf8" }).trim();
}

const isAnnouncement = (line: string): boolean => line.startsWith("lockstep: restarting the daemon (version-mismatch)");

/** The shell's own messages count as well, since Lockstep is gone by then. */
const isAboutRemoval = (line: string): boolean =>
  /missing: Lockstep is being upgraded|it was removed or is being replaced|not found|No such file|Terminated/.test(
    line,
  );
