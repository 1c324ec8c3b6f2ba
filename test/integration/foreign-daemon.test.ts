import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect } from "vitest";

import { connectReconnecting } from "../../src/client/follow/reconnecting-client.js";
import type { LinkState } from "../../src/client/follow/reconnecting-link.js";
import { reportStatus } from "../../src/client/connect/status-report.js";
import { ensureDaemon } from "../../src/client/ensure.js";
import { foreignSpec } from "../../src/client/spec/foreign-spec.js";
import { FRESH, type EnsureOptions } from "../../src/client/ensure-options.js";
import { readLedger } from "../../src/state/ledger.js";
import { stopDaemon } from "../../src/client/stop/stop-daemon.js";
import type { DaemonSpec } from "../../src/client/spec/daemon-spec.js";
import { MARK } from "../marked-processes.mjs";
import { it as base } from "../fixtures/it/with-directory.js";
import { isAlive, processesWith, signal, until } from "../fixtures/sandbox.js";

const PREVIEWS = resolve("test/fixtures/daemons/previews-daemon.mjs");
const NOTESD = resolve("test/fixtures/daemons/notesd.mjs");

const hello = { clientInfo: { name: "test", version: "1" }, hello: { role: "cli", pid: process.pid } } as const;

function options(more: Partial<EnsureOptions> = {}): EnsureOptions & { reported: string[] } {
  const reported: string[] = [];
  return { ...FRESH, client: hello, report: (progress) => reported.push(progress.kind), reported, ...more };
}

/** It reads its version from a file beside its program, which is replaced in the tests. */
const installedNotesd = (directory: string): string => join(directory, "notesd.mjs");

const it = base
  .extend("dir", ({ directory }, { onCleanup }) => {
    const dir = join(directory, "s");
    copyFileSync(NOTESD, installedNotesd(directory));
    mkdirSync(dir, { mode: 0o700 });
    onCleanup(async () => {
      const ours = (): number[] =>
        processesWith((args) => args.includes(PREVIEWS) || args.includes(installedNotesd(directory)), `=${dir}\0`);
      for (const pid of ours()) {
        signal(pid, "SIGCONT");
        signal(pid, "SIGKILL");
      }
      await until("the stand-ins are gone", () => ours().length === 0);
    });
    return dir;
  })
  .extend("versionFile", ({ directory }) => {
    const file = join(directory, "installed-version");
    writeFileSync(file, "0.13.0\n");
    return file;
  })
  .extend("previews", ({ directory, dir, versionFile }) => {
    return (env: NodeJS.ProcessEnv = {}): DaemonSpec =>
      foreignSpec({
        name: "previewsmcp",
        directory: dir,
        installedVersion: () => readFileSync(versionFile, "utf8").trim(),
        root: directory,
        command: {
          file: process.execPath,
          args: [PREVIEWS, versionFile, "serve", "--daemon"],
          env: { [MARK]: process.env[MARK], PREVIEWSMCP_SOCKET_DIR: dir, ...env },
        },
      });
  })
  .extend("notesd", ({ directory, dir }) => {
    return (): DaemonSpec =>
      foreignSpec({
        name: "notesd",
        directory: dir,
        installedVersion: () => readFileSync(join(directory, "VERSION"), "utf8").trim(),
        root: directory,
        command: {
          file: process.execPath,
          args: [installedNotesd(directory)],
          env: { [MARK]: process.env[MARK], NOTESD_DIR: dir },
        },
      });
  });

describe("a stand-in for PreviewsMCP's daemon", () => {
  it("PreviewsMCP's daemon is started, used and found again", async ({ previews }) => {
    const first = await ensureDaemon(previews(), options());
    expect(first.did).toBe("started");
    expect(first.initialized.serverInfo).toEqual({ name: "previewsmcp", version: "0.13.0" });
    const second = await ensureDaemon(previews(), options());
    expect(second.did).toBe("used");
    expect(await second.peer.request("tools/call", { name: "version" })).toEqual(
      await first.peer.request("tools/call", { name: "version" }),
    );
    first.peer.close();
    second.peer.close();
  });

  it("PreviewsMCP's daemon is replaced once after its upgrade, by SIGTERM, however many clients race", async ({
    dir,
    versionFile,
    previews,
  }) => {
    const stale = await ensureDaemon(previews(), options());
    const oldPid = Number(readFileSync(join(dir, "serve.pid"), "utf8"));
    writeFileSync(versionFile, "0.14.0\n");
    const all = await Promise.all(Array.from({ length: 20 }, () => ensureDaemon(previews(), options())));
    const newPid = Number(readFileSync(join(dir, "serve.pid"), "utf8"));
    expect(isAlive(oldPid)).toBe(false);
    expect(newPid).not.toBe(oldPid);
    expect(all.map(({ identity }) => identity.version)).toEqual(Array(20).fill("0.14.0"));
    expect(all.filter(({ did }) => did === "restarted")).toHaveLength(1);
    const breadcrumbs = readFileSync(join(dir, "serve.log"), "utf8").match(/started after version-mismatch restart.*/g);
    expect(breadcrumbs).toEqual([expect.stringMatching(/\(prev=0\.13\.0,now=0\.14\.0,by=pid\d+\)/)]);
    expect(readLedger(join(dir, "restart.lock")).map(({ did, prev, now }) => [did, prev, now])).toEqual([
      ["start", undefined, "0.13.0"],
      ["restart", "0.13.0", "0.14.0"],
    ]);
    for (const { peer } of [stale, ...all]) peer.close();
  });

  it("PreviewsMCP's daemon is killed when it ignores SIGTERM", async ({ dir, versionFile, previews }) => {
    const stale = await ensureDaemon(previews({ STAND_IN_IGNORES_SIGTERM: "1" }), options());
    const oldPid = Number(readFileSync(join(dir, "serve.pid"), "utf8"));
    writeFileSync(versionFile, "0.14.0\n");
    const next = await ensureDaemon(previews(), options());
    expect(next.did).toBe("restarted");
    expect(isAlive(oldPid)).toBe(false);
    stale.peer.close();
    next.peer.close();
  });

  it("PreviewsMCP's daemon stops on request", async ({ dir, previews }) => {
    const running = await ensureDaemon(previews(), options());
    const pid = Number(readFileSync(join(dir, "serve.pid"), "utf8"));
    running.peer.close();
    const result = await stopDaemon(previews(), { role: "cli", report: () => undefined });
    expect(result).toEqual({ stopped: true, pid, lastStep: "sigterm" });
    expect(isAlive(pid)).toBe(false);
  });

  it("a long-lived client of PreviewsMCP's daemon stays connected through another client's restart and gets heartbeats", async ({
    versionFile,
    previews,
  }) => {
    const links: LinkState["state"][] = [];
    let beats = 0;
    const client = await connectReconnecting(previews(), {
      client: { clientInfo: { name: "test", version: "1" }, hello: { role: "library", pid: process.pid } },
      onState: ({ state }) => links.push(state),
      onNotification: (method) => {
        if (method === "notifications/message") beats++;
      },
    });
    await client.request("logging/setLevel", { level: "debug" });
    await until("a heartbeat came", () => beats > 0);
    writeFileSync(versionFile, "0.14.0\n");
    const other = await ensureDaemon(previews(), options());
    expect(other.did).toBe("restarted");
    await until("the client follows", () => client.identity?.version === "0.14.0");
    expect(links).toEqual(["connected", "reconnecting", "connected"]);
    const before = beats;
    await until("the subscription came along", () => beats > before);
    client.close();
    other.peer.close();
  });
});

describe("a 40-line daemon that knows nothing of its lifecycle", () => {
  it("a 40-line daemon gets start, drift, restart and stop from the library", async ({ directory, notesd }) => {
    writeFileSync(join(directory, "VERSION"), "1.0.0");
    const first = await ensureDaemon(notesd(), options());
    const note = { name: "note", arguments: { text: "hello" } };
    expect(JSON.stringify(await first.peer.request("tools/call", note))).toContain("1 notes");
    writeFileSync(join(directory, "VERSION"), "1.1.0");
    const asked = options();
    const next = await ensureDaemon(notesd(), asked);
    expect([next.did, next.identity.version]).toEqual(["restarted", "1.1.0"]);
    expect(asked.reported).toContain("restarting");
    expect(await stopDaemon(notesd(), { role: "cli", report: () => undefined })).toMatchObject({
      stopped: true,
    });
    expect(await stopDaemon(notesd(), { role: "cli", report: () => undefined })).toEqual({
      stopped: false,
    });
    first.peer.close();
    next.peer.close();
  });

  it("a daemon with a request to end it and none for its status is reported as running", async ({
    directory,
    notesd,
  }) => {
    writeFileSync(join(directory, "VERSION"), "1.0.0");
    const { peer } = await ensureDaemon(notesd(), options());
    const stoppable: DaemonSpec = { ...notesd(), control: { shutdown: "notesd/stop" } };
    expect(await reportStatus(stoppable, "cli")).toMatchObject({ state: "running", version: "1.0.0", inStep: true });
    peer.close();
  });

  it("a client that only follows looks for the daemon and does not start it", async ({ directory, notesd }) => {
    writeFileSync(join(directory, "VERSION"), "1.0.0");
    const stop = new AbortController();
    const following = ensureDaemon(notesd(), options({ intent: "passive", mayStart: false, signal: stop.signal }));
    const outcome = following.then(
      () => "connected",
      () => "gave up",
    );
    const started = await ensureDaemon(notesd(), options());
    expect(await outcome).toBe("connected");
    (await following).peer.close();
    started.peer.close();
  });

  it("a daemon that cannot start is reported with its last output", async ({ directory, notesd }) => {
    await expect(ensureDaemon(notesd(), options())).rejects.toThrow(/installed|VERSION|exited with code 1/);
    const broken: DaemonSpec = {
      ...notesd(),
      installed: () => ({ version: "1.0.0", buildId: undefined, protocol: undefined, root: directory }),
    };
    await expect(ensureDaemon(broken, options())).rejects.toThrow(/exited with code 1 before it listened[\s\S]*ENOENT/);
  });
});
