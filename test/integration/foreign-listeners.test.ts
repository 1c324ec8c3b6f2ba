import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join, resolve } from "node:path";
import { describe, expect, onTestFinished } from "vitest";

import { ensureDaemon } from "../../src/client/ensure.js";
import { FRESH, type EnsureOptions } from "../../src/client/ensure-options.js";
import type { DaemonSpec } from "../../src/client/spec/daemon-spec.js";
import { foreignSpec } from "../../src/client/spec/foreign-spec.js";
import { lockstepSpec } from "../../src/client/spec/lockstep-spec.js";
import { isLocked, tryLock } from "../../src/state/lock.js";
import { stopDaemon } from "../../src/client/stop/stop-daemon.js";
import { readLedger } from "../../src/state/ledger.js";
import { processStartTime } from "../../src/state/platform/processes.js";
import { MARK } from "../marked-processes.mjs";
import { it as withBox } from "../fixtures/it/with-box.js";
import { it as base } from "../fixtures/it/with-directory.js";
import { isAlive, processesWith, signal, until } from "../fixtures/sandbox.js";

const ACTIVATOR = resolve("test/fixtures/daemons/activator.mjs");
const PREVIEWS = resolve("test/fixtures/daemons/previews-daemon.mjs");
const CLIENT = { clientInfo: { name: "test", version: "1" }, hello: { role: "cli", pid: process.pid } } as const;

const options = (more: Partial<EnsureOptions> = {}): EnsureOptions => ({
  ...FRESH,
  client: CLIENT,
  report: () => undefined,
  ...more,
});

const it = base.extend("dir", ({ directory }, { onCleanup }) => {
  const dir = join(directory, "s");
  mkdirSync(dir, { mode: 0o700 });
  onCleanup(async () => {
    const ours = (): number[] => processesWith((args) => args.includes(ACTIVATOR) || args.includes(PREVIEWS), dir);
    for (const pid of ours()) signal(pid, "SIGKILL");
    await until("the stand-ins are gone", () => ours().length === 0);
  });
  return dir;
});

const notesd = (dir: string): DaemonSpec =>
  foreignSpec({
    name: "notesd",
    directory: dir,
    installedVersion: () => "1.0.0",
    root: "/opt/notesd",
    command: { file: process.execPath, args: ["-e", "process.exit(7)"] },
  });

const stop = (spec: DaemonSpec): ReturnType<typeof stopDaemon> =>
  stopDaemon(spec, { role: "cli", report: () => undefined });

interface Activated {
  supervisor: number;
  daemon: number;
}

async function activate(dir: string, ...more: string[]): Promise<Activated> {
  let said = "";
  const child = spawn(process.execPath, [ACTIVATOR, dir, ...more], {
    env: { ...process.env, DIR: dir },
    stdio: ["ignore", "pipe", "inherit"],
  });
  child.stdout.on("data", (text: Buffer) => (said += text.toString()));
  const [supervisor = 0, daemon = 0] = await until("the daemon accepts", () => /^(\d+) (\d+)$/m.exec(said)).then(
    ([, ...pids]) => pids.map(Number),
  );
  return { supervisor, daemon };
}

describe("a daemon behind a supervisor that listens for it", () => {
  it("nothing is signalled when the kernel names the supervisor and serve.pid the daemon", async ({ dir }) => {
    const { supervisor, daemon } = await activate(dir);
    await expect(stop(notesd(dir))).rejects.toThrow(
      new RegExp(`the kernel \\(${supervisor}\\).*serve\\.pid \\(${daemon}\\).*PID ${supervisor} \\(.*activator`),
    );
    await expect(ensureDaemon(notesd(dir), options())).rejects.toThrow("no signal was sent");
    expect([isAlive(supervisor), isAlive(daemon)]).toEqual([true, true]);
  });

  it("the daemon is ended when its answer and its record agree, and what still listens is reported", async ({
    dir,
  }) => {
    const { supervisor, daemon } = await activate(dir, "identity");
    await expect(stop(notesd(dir))).rejects.toThrow(
      new RegExp(`the daemon \\(PID ${daemon}\\) has ended, but PID ${supervisor} \\(.*activator.*still listens`),
    );
    expect([isAlive(supervisor), isAlive(daemon)]).toEqual([true, false]);
  });
});

withBox("a program that the command descends from is never signalled, whatever the files say", async ({ box }) => {
  mkdirSync(box.dir, { mode: 0o700 });
  const server = createServer((socket) => socket.on("error", () => undefined).end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  await new Promise<void>((done) => server.listen(join(box.dir, "serve.sock"), done));
  onTestFinished(() => void server.close());
  const startTime = processStartTime(process.pid);
  writeFileSync(join(box.dir, "serve.pid"), `${process.pid}\n`);
  writeFileSync(join(box.dir, "serve.json"), JSON.stringify({ version: "0.0.1", pid: process.pid, startTime }));
  for (const command of [["stop"], ["stop", "--force"], ["kill-daemon"]]) {
    expect(await box.run(command)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no signal was sent") as string,
    });
  }
  expect(await box.run(["restart"])).toMatchObject({ code: 0 });
});

describe("a daemon of another project that starts slowly", () => {
  const previews = (dir: string, more: Partial<DaemonSpec> = {}): DaemonSpec => {
    writeFileSync(join(dir, "version"), "0.13.0");
    return foreignSpec(
      {
        name: "previewsmcp",
        directory: dir,
        installedVersion: () => readFileSync(join(dir, "version"), "utf8"),
        root: dir,
        command: {
          file: process.execPath,
          args: [PREVIEWS, join(dir, "version")],
          env: { [MARK]: process.env[MARK], PREVIEWSMCP_SOCKET_DIR: dir, STAND_IN_START_MS: "1500" },
        },
      },
      more,
    );
  };
  const running = (dir: string): number[] => processesWith((args) => args.includes(PREVIEWS), `=${dir}\0`);

  /** Begins a start and gives it up; the pid of the daemon that is being started. */
  const interruptStart = async (dir: string): Promise<number> => {
    const interrupted = new AbortController();
    const first = ensureDaemon(previews(dir), options({ signal: interrupted.signal }));
    const [pid] = await until("the daemon is being started", () =>
      running(dir).length > 0 ? running(dir) : undefined,
    );
    // Noted right after the launch.
    await until("the start is noted", () => readFileSync(join(dir, "restart.lock"), "utf8").includes(`${pid}`));
    interrupted.abort(new Error("ctrl-c"));
    await expect(first).rejects.toThrow("ctrl-c");
    return pid!;
  };

  it("an interrupted start ends at once, and the next client waits for that daemon and starts no second one", async ({
    dir,
  }) => {
    const pid = await interruptStart(dir);
    expect(() => readFileSync(join(dir, "serve.pid"))).toThrow("ENOENT");
    const second = await ensureDaemon(previews(dir), options());
    expect(second.did).toBe("used");
    second.peer.close();
    expect(running(dir)).toEqual([pid]);
    expect(readLedger(join(dir, "restart.lock"))).toEqual([]);
    expect(await stop(previews(dir))).toMatchObject({ stopped: true, pid });
    expect(running(dir)).toEqual([]);
  });

  it("a stop during an interrupted start ends that daemon", async ({ dir }) => {
    const pid = await interruptStart(dir);
    const stopped = await stopDaemon(previews(dir), { role: "cli", force: true, report: () => undefined });
    expect(stopped).toMatchObject({ stopped: true, pid, lastStep: "sigkill" });
    expect(running(dir)).toEqual([]);
  });

  it("a stop ends its wait with the signal's reason", async ({ dir }) => {
    const lock = tryLock(join(dir, "restart.lock"));
    onTestFinished(() => lock?.release());
    const end = new AbortController();
    const stopping = stopDaemon(previews(dir), { role: "cli", report: () => undefined, signal: end.signal });
    end.abort(new Error("enough"));
    await expect(stopping).rejects.toThrow("enough");
  });
});

it("a report that throws leaves no lock taken", async ({ dir }) => {
  const spec = lockstepSpec(
    { codeDir: resolve("dist"), execPath: process.execPath, env: process.env, electron: false },
    dir,
  );
  const boom = (): never => {
    throw new Error("boom");
  };
  await expect(ensureDaemon(spec, options({ report: boom }))).rejects.toThrow("boom");
  expect([isLocked(spec.paths.daemonLock), isLocked(spec.paths.restartLock)]).toEqual([false, false]);
});

describe("what another project's daemon is told and asked", () => {
  it("the client's hello is sent under the daemon's own key", async ({ dir }) => {
    let asked = "";
    const server = createServer((socket) => socket.on("data", (text: Buffer) => (asked += text.toString())));
    await new Promise<void>((done) => server.listen(join(dir, "serve.sock"), done));
    onTestFinished(() => void server.close());
    const end = new AbortController();
    const ensured = ensureDaemon(notesd(dir), options({ signal: end.signal }));
    await until("it was asked", () => asked.endsWith("\n"));
    end.abort(new Error("enough"));
    await expect(ensured).rejects.toThrow("enough");
    const { params } = JSON.parse(asked) as { params: { capabilities: { experimental: object } } };
    expect(params.capabilities.experimental).toEqual({ notesd: CLIENT.hello });
  });

  it("an installation that is given as a link is the directory behind it", ({ directory }) => {
    const link = join(directory, "current");
    symlinkSync(directory, link);
    const spec = foreignSpec({ ...FOREIGN, directory: join(directory, "s"), root: link });
    expect(spec.installed().root).toBe(realpathSync(directory));
    expect(foreignSpec({ ...FOREIGN, root: "/nowhere" }).installed().root).toBe("/nowhere");
  });
});

const FOREIGN = {
  name: "notesd",
  directory: "/tmp/none",
  installedVersion: () => "1.0.0",
  root: "/opt/notesd",
  command: { file: "/bin/false", args: [] },
};

it("a passive client of another protocol keeps one connection, and looks again when that ends", async ({ dir }) => {
  const sockets: Socket[] = [];
  const version = lockstepSpec(undefined, dir);
  const installed = { version: "1.0.0", buildId: undefined, protocol: 1, root: "/opt/lockstep" };
  const server = createServer((socket) => {
    sockets.push(socket.on("error", () => undefined));
    socket.once("data", () => {
      const experimental = { lockstep: { protocol: 2, pid: process.pid } };
      const result = {
        protocolVersion: "2025-11-25",
        serverInfo: { name: "lockstep", version: "2.0.0" },
        capabilities: { experimental },
      };
      socket.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, result })}\n`);
    });
  });
  await new Promise<void>((done) => server.listen(join(dir, "serve.sock"), done));
  onTestFinished(() => void server.close());
  const end = new AbortController();
  const spec: DaemonSpec = { ...version, installed: () => installed };
  const waiting = ensureDaemon(spec, options({ intent: "passive", mayStart: false, signal: end.signal }));
  // Twenty handshakes were made in this time.
  await expect(Promise.race([waiting, new Promise((done) => setTimeout(done, 1_000))])).resolves.toBeUndefined();
  expect(sockets).toHaveLength(1);
  sockets[0]?.destroy();
  await until("it looks again", () => sockets.length === 2);
  end.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
});
