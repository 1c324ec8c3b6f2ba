import { stat } from "node:fs";

import { DEFAULT_DRAIN_MS, type DaemonStatus, type ShutdownParams } from "../wire/control.js";
import { ownBinary } from "../install/own-binary.js";
import { parseRestartReason } from "../log/breadcrumbs.js";
import type { LogWriter } from "../log/writer.js";
import { HostedServers, type HostedChild } from "../servers/hosted-servers.js";
import type { StatePaths } from "../state/directory.js";
import type { FileLock } from "../state/lock.js";
import { reapOrphans, type Orphans, type RecordedChild } from "../state/orphans.js";
import type { Installed } from "../version/identity.js";
import { stopIsFor, stopReason, type StopCause } from "../version/restart-cause.js";
import { Clients } from "./connection/clients.js";
import { Connection, type DaemonSide } from "./connection/connection.js";
import { controlRequests } from "./control.js";
import { drain, type Drain } from "./drain.js";
import { HEARTBEAT_MS, startHeartbeat, type Beat, type HeartbeatTimer } from "./heartbeat.js";
import { Introduction } from "./introduction.js";
import { listen, type Listener } from "./listener.js";
import { OwnFiles } from "./own-files.js";
import { residentBytes } from "./resident-memory.js";
import { onStopSignal } from "./signals.js";
import { superviseUncaught } from "./uncaught.js";

export interface ServeOptions {
  paths: StatePaths;
  installed: Installed;
  launchedBy: string;
  /** The version to report, which tests override. */
  version: string;
  /** Why this daemon replaces another one, as the client that started it put it. */
  restartReason: string | undefined;
  /** `daemon.lock`, already taken. */
  lock: FileLock;
  log: LogWriter;
}

/**
 * Runs the daemon until it is asked to stop; resolves with the exit code when everything is closed and its files are
 * removed. Rejects if it cannot listen or cannot write its files.
 */
export async function serve(options: ServeOptions): Promise<number> {
  const daemon = new Daemon(options);
  await daemon.open();
  return daemon.ended;
}

/** The daemon's life: it opens, beats, drains and ends. */
class Daemon {
  /** Resolves with the exit code. */
  readonly ended: Promise<number>;
  readonly #options: ServeOptions;
  readonly #startedAt = new Date();
  /** Of `performance.now()`: the wall clock may be set while the daemon runs. */
  readonly #startedTick = performance.now();
  readonly #introduction: Introduction;
  readonly #files: OwnFiles;
  readonly #clients = new Clients();
  readonly #servers: HostedServers;
  #listener: Listener | undefined;
  #heartbeat: HeartbeatTimer | undefined;
  #drain: Drain | undefined;
  #end: (exitCode: number) => void = () => undefined;
  #exitCode = 0;
  #checkFailed = false;

  constructor(options: ServeOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    const { paths, installed, version, lock } = options;
    this.#introduction = new Introduction(installed, options.launchedBy, this.#startedAt);
    this.#files = new OwnFiles(paths, lock, { version, ...this.#introduction.hello });
    this.#servers = this.#createServers();
  }

  async open(): Promise<void> {
    const { paths, log, version, restartReason } = this.#options;
    const daemonSide = this.#daemonSide();
    this.#listener = await listen(
      paths,
      (socket) => this.#clients.add(new Connection(socket, daemonSide)),
      (error) => log.write("error", "daemon", `listener error: ${error.message}`),
    );
    // libuv ends the process if it cannot make its threads, so they are made before there may be too many of the user's.
    stat(paths.dir, () => undefined);
    try {
      this.#files.publish(this.#listener.socketInode);
    } catch (error) {
      this.#files.unlink();
      throw error;
    }
    log.event({ kind: "ready", pid: process.pid, version });
    if (restartReason !== undefined) log.event(parseRestartReason(restartReason));
    this.#heartbeat = startHeartbeat(
      (beat) => this.#onBeat(beat),
      (stoodStillMs) => log.event({ kind: "wedge-recovered", stoodStillMs }),
    );
    onStopSignal((signal) => this.#onSignal(signal));
    superviseUncaught(log, (what) => this.#onFault(what));
    // The client that started us waits for the handshake, and reading the configuration now would delay it. A session
    // that needs the configuration has it read at once anyway.
    setTimeout(() => {
      if (!this.#isDraining()) this.#servers.start();
      // Earlier than the first heartbeat, so that what the check loads is loaded before an upgrade takes it away.
      this.#checkFiles();
    }, SERVERS_START_MS).unref();
  }

  #createServers(): HostedServers {
    const { paths, installed, version, log } = this.#options;
    const orphans = reapOrphans(paths);
    for (const { name, pid } of orphans.reaped) log.event({ kind: "orphan-reaped", server: name, pid });
    return new HostedServers({
      stateDir: paths.dir,
      serversFile: paths.servers,
      installRoot: installed.root,
      execPath: ownBinary(),
      version,
      orphansGone: orphans.gone.then(() => {
        if (orphans.left().length > 0) log.write("warn", "daemon", describeSurvivors(orphans.left()));
      }),
      log: (level, component, text) => log.write(level, component, text),
      breadcrumb: (breadcrumb) => log.event(breadcrumb),
      onChildrenChanged: (children) => this.#recordChildren(children.map(recorded), orphans),
      onChanged: () => this.#clients.announceChange(),
    });
  }

  #daemonSide(): DaemonSide {
    const { version, log } = this.#options;
    return {
      version,
      introduction: this.#introduction,
      servers: this.#servers,
      control: controlRequests({
        status: () => this.#status(),
        servers: this.#servers,
        isDraining: () => this.#isDraining(),
        shutdown: (request) => this.#shutdown(request),
      }),
      isDraining: () => this.#isDraining(),
      onOpened: () => this.#clients.announceChange(),
      onClosed: (connection, error) => {
        this.#clients.delete(connection);
        if (error) log.write("warn", "daemon", `the connection of ${connection.name} ended: ${error.message}`);
        this.#clients.announceChange();
      },
    };
  }

  #isDraining(): boolean {
    return this.#drain !== undefined;
  }

  #onBeat(beat: Beat): void {
    this.#files.refresh(new Date(beat.at));
    this.#clients.beat({ ...beat, ...this.#load() });
    this.#options.log.rotateIfNeeded();
    this.#checkFiles();
  }

  /** Ends this daemon if new clients cannot find it any more, or another daemon may run beside it. */
  #checkFiles(): void {
    const { paths, log } = this.#options;
    if (this.#isDraining()) return;
    try {
      const path = this.#files.lost();
      if (path === undefined) return;
      log.event({ kind: "lock-lost", path });
      this.#shutdown(ownShutdown({ kind: "files-lost", path }, "the daemon itself"));
    } catch (error) {
      // An upgrade may remove what the check loads, for a while or for good, which must not end the calls that run.
      const [why] = (error instanceof Error ? error.message : String(error)).split("\n");
      if (!this.#checkFailed) log.write("warn", "daemon", `cannot check who holds ${paths.daemonLock}: ${why}`);
      this.#checkFailed = true;
    }
  }

  #onSignal(signal: "SIGTERM" | "SIGINT"): void {
    if (this.#drain) {
      this.#options.log.write("warn", "daemon", `${signal} again: ending at once`);
      this.#drain.hurry();
    } else this.#shutdown(ownShutdown({ kind: "signal", signal }, "a signal"));
  }

  #onFault(what: string): void {
    this.#exitCode = 1;
    this.#shutdown(ownShutdown({ kind: "fault", what }, "the daemon itself"));
  }

  #shutdown(request: Required<ShutdownParams>): void {
    if (this.#drain || !this.#listener) return;
    const { log, paths } = this.#options;
    this.#drain = drain(request, {
      log,
      logPath: paths.log,
      listener: this.#listener,
      connections: this.#clients.all,
      servers: this.#servers,
      markDraining: (deadlineMs) => this.#files.markDraining(deadlineMs),
    });
    void this.#drain.done
      .catch((error: unknown) => log.write("error", "daemon", `the shutdown failed: ${String(error)}`))
      .then(() => this.#finish());
  }

  #finish(): void {
    const { log, lock } = this.#options;
    this.#heartbeat?.stop();
    try {
      this.#files.unlink();
      log.event({ kind: "stopped", uptimeMs: this.#uptimeMs() });
      log.close();
    } finally {
      // Last: a successor then need not wait until the rest of the process is taken down.
      lock.release();
      void this.#drain?.disarm().then(() => this.#end(this.#exitCode));
    }
  }

  #status(): DaemonStatus {
    const beat = this.#heartbeat?.last ?? { seq: 0, at: this.#startedAt.getTime(), lagMs: 0 };
    return {
      state: this.#isDraining() ? "draining" : "running",
      version: this.#options.version,
      hello: this.#introduction.hello,
      uptimeMs: this.#uptimeMs(),
      heartbeat: { ...beat, intervalMs: HEARTBEAT_MS },
      ...this.#load(),
      servers: this.#servers.status(),
    };
  }

  #load(): { clients: number; inFlight: number; rssBytes: number } {
    return {
      clients: this.#clients.open,
      inFlight: this.#servers.inFlight,
      rssBytes: residentBytes(),
    };
  }

  #uptimeMs(): number {
    return Math.round(performance.now() - this.#startedTick);
  }

  /** Orphans stay recorded until they have ended. */
  #recordChildren(children: RecordedChild[], orphans: Orphans): void {
    try {
      this.#files.recordChildren([...orphans.left(), ...children]);
    } catch (error) {
      this.#options.log.write("warn", "daemon", (error as Error).message);
    }
  }
}

/** How long the first clients have for their handshakes before the configuration is read, ms. */
const SERVERS_START_MS = 150;

function recorded({ name, pid, startTime, family }: HostedChild): RecordedChild {
  return { name, pid, pgid: pid, startTime: startTime ?? "", family };
}

function describeSurvivors(left: RecordedChild[]): string {
  return `could not end what an earlier daemon left behind: ${left.map(({ name, pid }) => `${name} (pid ${pid})`).join(", ")}`;
}

function ownShutdown(cause: StopCause, by: string): Required<ShutdownParams> {
  return { reason: stopReason(cause), by, for: stopIsFor(cause), drainMs: DEFAULT_DRAIN_MS };
}
