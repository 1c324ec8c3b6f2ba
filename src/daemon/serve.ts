import { statSync, unlinkSync } from "node:fs";

import {
  DEFAULT_DRAIN_MS,
  NOTIFICATION,
  type DaemonHello,
  type DaemonStatus,
  type ShutdownParams,
} from "../wire/control.js";
import { HostedServers } from "../servers/hosted-servers.js";
import { stopIsFor, stopReason, type StopCause } from "../version/restart-cause.js";
import type { Installed } from "../version/identity.js";
import { parseRestartReason } from "../log/breadcrumbs.js";
import type { StatePaths } from "../state/directory.js";
import { touchPid, unlinkOwnFiles, writePid, writeWhole } from "../state/identity-files.js";
import type { FileLock } from "../state/lock.js";
import type { LogWriter } from "../log/writer.js";
import { recordChildren, reapOrphans } from "../state/orphans.js";
import { ownBinary } from "../install/own-binary.js";
import { duplicateOver } from "../state/platform/libc.js";
import { processStartTime } from "../state/platform/processes.js";
import { Connection, type DaemonSide } from "./connection.js";
import { controlRequests } from "./control.js";
import { drain, type Ending } from "./drain.js";
import { HEARTBEAT_MS, startPulse, type Beat, type Pulse } from "./heartbeat.js";
import { holdsLock } from "./lifetime-lock.js";
import { listen, type Listener } from "./listener.js";

export interface ServeOptions {
  paths: StatePaths;
  installed: Installed;
  launchedBy: string;
  /** The version to give, which tests override. */
  version: string;
  /** Why this daemon was started in another's place, as its starter put it. */
  restartReason: string | undefined;
  lock: FileLock;
  log: LogWriter;
}

/**
 * Runs the daemon until it is asked to stop; resolves when everything is closed and its files are gone. The caller has
 * the lifetime lock. Rejects when it cannot listen or write its files.
 */
export async function serve(options: ServeOptions): Promise<void> {
  const daemon = new Daemon(options);
  await daemon.open();
  return daemon.ended;
}

/** Reads the clock and the event loop's turn; everything else about the daemon hangs on this object's life. */
class Daemon implements DaemonSide {
  readonly version: string;
  readonly control;
  readonly servers;
  readonly ended: Promise<void>;
  readonly #options: ServeOptions;
  readonly #startedAt = new Date();
  readonly #connections = new Set<Connection>();
  readonly #noticed = new Set<string>();
  readonly #identity: DaemonHello;
  #listener: Listener | undefined;
  #pulse: Pulse | undefined;
  #ending: Ending | undefined;
  #end: () => void = () => undefined;
  #changeAnnounced = false;
  #lockUnknown = false;

  constructor(options: ServeOptions) {
    this.#options = options;
    this.version = options.version;
    const { paths, installed, log } = options;
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.#identity = {
      protocol: installed.protocol ?? 0,
      buildId: installed.buildId ?? "",
      installRoot: installed.root,
      execPath: ownBinary(),
      pid: process.pid,
      startedAt: this.#startedAt.toISOString(),
      launchedBy: options.launchedBy,
      heartbeatMs: HEARTBEAT_MS,
    };
    const orphans = reapOrphans(paths);
    for (const { name, pid } of orphans.reaped) log.event({ kind: "orphan-reaped", server: name, pid });
    this.servers = new HostedServers({
      stateDir: paths.dir,
      serversFile: paths.servers,
      installRoot: installed.root,
      execPath: ownBinary(),
      version: options.version,
      orphansGone: orphans.gone,
      log: (level, component, text) => log.write(level, component, text),
      breadcrumb: (breadcrumb) => log.event(breadcrumb),
      onChildrenChanged: (children) => this.#recordChildren(children),
      onChanged: () => this.#announceChange(),
    });
    this.control = controlRequests({
      status: () => this.#status(),
      servers: this.servers,
      isDraining: () => this.isDraining(),
      shutdown: (asked) => this.#shutdown(asked),
    });
  }

  async open(): Promise<void> {
    const { paths, log, restartReason } = this.#options;
    this.#listener = await listen(
      paths,
      (socket) => this.#connections.add(new Connection(socket, this)),
      (error) => log.write("error", "daemon", `the listener reports: ${error.message}`),
    );
    writePid(paths);
    this.#writeIdentity("running");
    log.event({ kind: "ready", pid: process.pid, version: this.version });
    if (restartReason !== undefined) log.event(parseRestartReason(restartReason));
    this.#pulse = startPulse(
      (beat) => this.#onBeat(beat),
      (stoodStillMs) => log.event({ kind: "wedge-recovered", stoodStillMs }),
    );
    this.#listenToSignals();
    // Whoever started us is waiting to shake hands, and reading the configuration would come first: a session that
    // needs it asks for it at once anyway.
    setTimeout(() => {
      if (!this.isDraining()) this.servers.start();
      // Not as late as the first heartbeat: what is needed for it is loaded before an upgrade takes it away.
      this.#checkLock();
    }, SERVERS_START_MS).unref();
  }

  hello(client: { installRoot?: string } | undefined): DaemonHello {
    const noticed = client?.installRoot !== undefined && this.#noticed.has(client.installRoot);
    return noticed ? { ...this.#identity, noticed } : this.#identity;
  }

  isDraining(): boolean {
    return this.#ending !== undefined;
  }

  onNoticed(installRoot: string): void {
    if (this.#noticed.size < MAX_NOTICED) this.#noticed.add(installRoot);
  }

  onOpened(): void {
    this.#announceChange();
  }

  onClosed(connection: Connection, error: Error | undefined): void {
    this.#connections.delete(connection);
    if (error)
      this.#options.log.write("warn", "daemon", `the connection of ${connection.name} ended: ${error.message}`);
    this.#announceChange();
  }

  #onBeat(beat: Beat): void {
    const { paths, log } = this.#options;
    const now = Date.now();
    try {
      touchPid(paths, new Date(beat.at));
    } catch {
      // Gone or unwritable: whether that matters is for the checks below to say.
    }
    const heartbeat = {
      ...beat,
      rssBytes: process.memoryUsage.rss(),
      clients: this.#clients(),
      inFlight: this.servers.inFlight,
    };
    for (const connection of this.#connections) {
      if (connection.wantsHeartbeat) connection.notify(NOTIFICATION.heartbeat, heartbeat);
      if (connection.wantsDebugLog) {
        connection.notify("notifications/message", { level: "debug", logger: "heartbeat", data: "alive" });
      }
      connection.checkPartialFrame(now);
    }
    log.rotateIfNeeded();
    this.#checkLock();
  }

  #checkLock(): void {
    const { paths, log, lock } = this.#options;
    if (this.isDraining()) return;
    try {
      if (!holdsLock(lock)) this.#loseLock(paths.daemonLock);
      else if (!this.#listener?.stillInPlace()) this.#loseLock(paths.socket);
    } catch (error) {
      // An upgrade takes away for a while, or for good, what would be loaded for it. The calls here need not suffer.
      const [why] = (error instanceof Error ? error.message : String(error)).split("\n");
      if (!this.#lockUnknown) log.write("warn", "daemon", `cannot tell who holds ${paths.daemonLock}: ${why}`);
      this.#lockUnknown = true;
    }
  }

  /** Nobody can find us any more, or another daemon may stand beside us: the state directory was removed or replaced. */
  #loseLock(path: string): void {
    this.#options.log.event({ kind: "lock-lost", path });
    this.#shutdown(ownShutdown({ kind: "files-lost", path }, "the daemon itself"));
  }

  #shutdown(asked: Required<ShutdownParams>): void {
    if (this.#ending || !this.#listener) return;
    const { log, paths } = this.#options;
    this.#ending = drain(asked, {
      log,
      logPath: paths.log,
      listener: this.#listener,
      connections: this.#connections,
      servers: this.servers,
      markDraining: () => this.#writeIdentity("draining"),
    });
    void this.#ending.done.then(() => this.#finish());
  }

  #finish(): void {
    const { paths, log, lock } = this.#options;
    this.#pulse?.stop();
    this.#listener?.unlink();
    unlinkOwnFiles(paths);
    removeQuietly(paths.children);
    log.event({ kind: "stopped", uptimeMs: Date.now() - this.#startedAt.getTime() });
    log.close();
    // The very last act: our successor need not wait for the rest of the process to be taken down.
    lock.release();
    this.#end();
  }

  #listenToSignals(): void {
    // The terminal that started us may hang up: we belong to the user, not to it.
    process.on("SIGHUP", () => undefined);
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.on(signal, () => {
        if (this.#ending) {
          this.#options.log.write("warn", "daemon", `${signal} again: ending at once`);
          this.#ending.hurry();
          return;
        }
        this.#shutdown(ownShutdown({ kind: "signal", signal }, "a signal"));
      });
    }
  }

  #status(): DaemonStatus {
    const beat = this.#pulse?.last ?? { seq: 0, at: this.#startedAt.getTime(), lagMs: 0 };
    return {
      state: this.isDraining() ? "draining" : "running",
      version: this.version,
      hello: this.#identity,
      uptimeMs: Date.now() - this.#startedAt.getTime(),
      heartbeat: { ...beat, intervalMs: HEARTBEAT_MS },
      clients: this.#clients(),
      inFlight: this.servers.inFlight,
      rssBytes: process.memoryUsage.rss(),
      servers: this.servers.status(),
    };
  }

  #clients(): number {
    let open = 0;
    for (const connection of this.#connections) if (connection.isOpen) open++;
    return open;
  }

  /** Told to those who watch, once per tenth of a second at most: 200 clients come and go at once. */
  #announceChange(): void {
    if (this.#changeAnnounced) return;
    this.#changeAnnounced = true;
    const timer = setTimeout(() => {
      this.#changeAnnounced = false;
      for (const connection of this.#connections) {
        if (connection.wantsHeartbeat) connection.notify(NOTIFICATION.changed, {});
      }
    }, 100);
    timer.unref();
  }

  #writeIdentity(state: "running" | "draining"): void {
    const { paths } = this.#options;
    const startTime = processStartTime(process.pid);
    try {
      writeWhole(paths.identity, `${JSON.stringify({ version: this.version, ...this.#identity, startTime, state })}\n`);
    } catch (error) {
      // Without it at the start nobody could prove who we are; while draining it is only a courtesy.
      if (state === "running") throw error;
    }
  }

  #recordChildren(children: { name: string; pid: number }[]): void {
    try {
      recordChildren(this.#options.paths, children);
    } catch (error) {
      this.#options.log.write(
        "warn",
        "daemon",
        `cannot write ${this.#options.paths.children}: ${(error as Error).message}`,
      );
    }
  }
}

const MAX_NOTICED = 1_000;
const SERVERS_START_MS = 150;

/** What the log does after it was rotated: our own stdout and stderr, where a crash would be reported, follow it. */
export function followRotation(fd: number): void {
  try {
    duplicateOver(fd, 1);
    duplicateOver(fd, 2);
  } catch {
    // The installation with its libc binding is gone from the disk: a crash report goes to the old file, no more.
  }
}

/** Was the code that this process runs replaced after it started? Then it may not be what `build-info.json` now says. */
export function replacedWhileStarting(codeFile: string): boolean {
  return statSync(codeFile).ctimeMs > performance.timeOrigin;
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // There never was one.
  }
}

function ownShutdown(cause: StopCause, by: string): Required<ShutdownParams> {
  return { reason: stopReason(cause), by, for: stopIsFor(cause), drainMs: DEFAULT_DRAIN_MS };
}
