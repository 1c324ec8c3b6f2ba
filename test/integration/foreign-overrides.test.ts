import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect } from "vitest";

import { reportStatus } from "../../src/client/connect/status-report.js";
import { ensureDaemon } from "../../src/client/ensure.js";
import { FRESH, type EnsureOptions } from "../../src/client/ensure-options.js";
import { connectReconnecting } from "../../src/client/follow/reconnecting-client.js";
import { RefusedError } from "../../src/client/lifecycle-errors.js";
import type { DaemonSpec } from "../../src/client/spec/daemon-spec.js";
import { foreignSpec } from "../../src/client/spec/foreign-spec.js";
import { stopDaemon } from "../../src/client/stop/stop-daemon.js";
import { isLocked } from "../../src/state/lock.js";
import { it as base } from "../fixtures/it/with-directory.js";
import { MARK } from "../marked-processes.mjs";
import { isAlive, processesWith, signal, until } from "../fixtures/sandbox.js";

const ABLE = resolve("test/fixtures/daemons/able-daemon.mjs");

const client = { clientInfo: { name: "test", version: "1" }, hello: { role: "library" as const, pid: process.pid } };
const options: EnsureOptions = { ...FRESH, client, report: () => undefined };
const quiet = { role: "library" as const, report: () => undefined };

interface Heard {
  start?: { env: string[]; reason?: string };
  method?: string;
  params?: Record<string, unknown>;
  signal?: string;
}

interface More extends Partial<DaemonSpec> {
  root?: string;
  env?: NodeJS.ProcessEnv;
}

const it = base
  .extend("dir", ({ directory }, { onCleanup }) => {
    const dir = join(directory, "s");
    mkdirSync(dir, { mode: 0o700 });
    mkdirSync(join(directory, "opt"));
    onCleanup(async () => {
      const ours = (): number[] => processesWith((args) => args.includes(ABLE) && args.includes(dir));
      for (const pid of ours()) signal(pid, "SIGKILL");
      await until("the daemons are gone", () => ours().length === 0);
    });
    return dir;
  })
  .extend("install", { auto: true }, ({ directory, dir: _made }) => {
    const install = (version: string): void => writeFileSync(join(directory, "opt/VERSION"), version);
    install("1.0.0");
    return install;
  })
  .extend("able", ({ directory, dir }) => {
    return ({ root = join(directory, "opt"), env = {}, ...more }: More = {}): DaemonSpec => {
      const versionFile = join(directory, "opt/VERSION");
      const args = [ABLE, dir, versionFile, more.experimentalKey ?? "able"];
      const command = { file: process.execPath, args, env: { [MARK]: process.env[MARK], ...env } };
      const installedVersion = (): string => readFileSync(versionFile, "utf8");
      return foreignSpec({ name: "able", directory: dir, installedVersion, root, command }, more);
    };
  })
  .extend("heard", ({ dir }) => {
    return (): Heard[] =>
      readFileSync(join(dir, "heard"), "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Heard);
  });

describe("what a description of another tool's daemon overrides", () => {
  it("control.shutdown ends the daemon by that request, with the reason, who asks and how long calls may go on", async ({
    able,
    heard,
  }) => {
    const spec = able({ control: { shutdown: "able/end" } });
    const { peer, identity } = await ensureDaemon(spec, options);
    const { pid = 0 } = identity;
    expect(await stopDaemon(spec, { ...quiet, drainMs: 3_000 })).toEqual({ stopped: true, pid, lastStep: "asked" });
    expect(isAlive(pid)).toBe(false);
    expect(heard().find(({ method }) => method === "able/end")?.params).toMatchObject({
      reason: expect.any(String) as string,
      by: `library (pid ${process.pid})`,
      drainMs: 3_000,
    });
    expect(heard().some((one) => one.signal !== undefined)).toBe(false);
    peer.close();
  });

  it("control.shutdown also makes room for the next version, and without it SIGTERM does", async ({
    able,
    install,
    heard,
  }) => {
    const asked = able({ control: { shutdown: "able/end" } });
    (await ensureDaemon(asked, options)).peer.close();
    install("1.1.0");
    const second = await ensureDaemon(asked, options);
    expect([second.did, second.identity.version]).toEqual(["restarted", "1.1.0"]);
    expect(heard().some((one) => one.signal !== undefined)).toBe(false);
    second.peer.close();
    install("1.2.0");
    const third = await ensureDaemon(able(), options);
    expect([third.did, third.identity.version]).toEqual(["restarted", "1.2.0"]);
    expect(heard().filter((one) => one.signal === "SIGTERM")).toHaveLength(1);
    third.peer.close();
  });

  it("control.status is what the report of the status is made from", async ({ able }) => {
    const spec = able({ control: { shutdown: "able/end", status: "able/status" } });
    const { peer, identity } = await ensureDaemon(spec, options);
    expect(await reportStatus(spec, "library")).toMatchObject({
      state: "running",
      inStep: true,
      pid: identity.pid,
      version: "1.0.0",
      clients: 1,
      heartbeat: { seq: 1 },
    });
    peer.close();
  });

  it("lifetimeLock hands daemon.lock over, so that it is taken exactly as long as the daemon lives", async ({
    able,
    heard,
  }) => {
    const spec = able({ lifetimeLock: { fdVariable: "ABLE_LOCK_FD" } });
    const { peer, identity } = await ensureDaemon(spec, options);
    expect(heard()[0]?.start?.env).toContain("ABLE_LOCK_FD");
    expect(isLocked(spec.paths.daemonLock)).toBe(true);
    peer.close();
    signal(identity.pid ?? 0, "SIGKILL");
    await until("the lock is free", () => !isLocked(spec.paths.daemonLock));
    const next = await ensureDaemon(spec, options);
    expect(next.did).toBe("started");
    expect(await stopDaemon(spec, quiet)).toMatchObject({ stopped: true, lastStep: "sigterm" });
    expect(isLocked(spec.paths.daemonLock)).toBe(false);
    next.peer.close();
  });

  it("experimentalKey is where both sides give their identity", async ({ able, heard }) => {
    const { peer, identity } = await ensureDaemon(able({ experimentalKey: "able.example/daemon" }), options);
    expect(identity).toMatchObject({ protocol: 7, pid: expect.any(Number) as number });
    expect(heard().find(({ method }) => method === "initialize")?.params?.["capabilities"]).toEqual({
      experimental: { "able.example/daemon": client.hello },
    });
    peer.close();
  });

  it("variables name what a restart tells the daemon, and what it never inherits", async ({ able, install, heard }) => {
    const variables = { restartReason: "ABLE_WHY", testVersion: "ABLE_PRETENDS" };
    const spec = able({ variables, env: { ABLE_PRETENDS: "9.9.9", ABLE_OWN: "kept" } });
    (await ensureDaemon(spec, options)).peer.close();
    install("1.1.0");
    (await ensureDaemon(spec, options)).peer.close();
    const starts = heard().flatMap(({ start }) => start ?? []);
    expect(starts.map(({ reason }) => reason)).toEqual([
      undefined,
      expect.stringMatching(/^prev=1\.0\.0,now=1\.1\.0,by=pid\d+$/) as string,
    ]);
    for (const { env } of starts) {
      expect(env).toContain("ABLE_OWN");
      expect(env).not.toContain("ABLE_PRETENDS");
    }
  });

  it("root may be a link to the installation: its daemon is still of the same one, and can be downgraded", async ({
    directory,
    able,
    install,
  }) => {
    symlinkSync(join(directory, "opt"), join(directory, "current"));
    const spec = able({ root: join(directory, "current") });
    install("2.0.0");
    (await ensureDaemon(spec, options)).peer.close();
    install("1.0.0");
    const { peer, did, identity } = await ensureDaemon(spec, options);
    expect([did, identity.version]).toEqual(["restarted", "1.0.0"]);
    peer.close();
  });

  it("restartHint is what a refusal says to do", async ({ able }) => {
    const spec = able({ restartHint: "ablectl restart" });
    (await ensureDaemon(spec, options)).peer.close();
    const older = {
      ...spec,
      installed: () => ({ ...spec.installed(), root: "/elsewhere", version: "0.9.0", protocol: 7 }),
    };
    const refused = ensureDaemon(older, { ...options, restart: { reason: undefined } });
    await expect(refused).rejects.toBeInstanceOf(RefusedError);
    await expect(refused).rejects.toThrow("ablectl restart");
  });
});

describe("a long call of another tool's daemon", () => {
  it.for<[string, NodeJS.ProcessEnv]>([
    ["with heartbeats", { ABLE_CALL_MS: "2500", ABLE_BEAT_MS: "200" }],
    ["without heartbeats", { ABLE_CALL_MS: "2500" }],
  ])("a long call is answered by a daemon %s", async ([how, env], { able, heard }) => {
    let beats = 0;
    const reconnecting = await connectReconnecting(able({ env }), {
      client,
      onNotification: (method) => {
        if (method.endsWith("/heartbeat")) beats++;
      },
    });
    expect(await reconnecting.request("tools/call", { name: "slow" })).toMatchObject({ content: [{ type: "text" }] });
    expect(beats > 3).toBe(how === "with heartbeats");
    expect(JSON.stringify(heard().find(({ method }) => method === "initialize")?.params)).toContain('"heartbeat":true');
    reconnecting.close();
  });
});
