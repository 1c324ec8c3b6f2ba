import type { ServerStatus } from "../wire/control.js";
import { AllServersSession } from "./session/all-servers.js";
import { asRpcError } from "../mcp/refusals.js";
import { ChannelOpener, type HostedChild } from "./channel/channel-opener.js";
import type { Port } from "./route/port.js";
import { HelloStore } from "./hello-store.js";
import { CurrentLogin } from "./environment/current-login.js";
import { BridgeViews } from "./bridge-views.js";
import { catalogueDirectory } from "../state/catalogue.js";
import { ListStore } from "./list-store.js";
import { InFlight } from "./in-flight.js";
import { OneServerSession } from "./session/one-server.js";
import type { ServerLog } from "./server-log.js";
import { ServerTable } from "./server-table.js";
import type { SessionClient } from "./route/session-client.js";
import type { Session, SessionContext } from "./session/session.js";

export type { ClientIntroduction } from "./process/hello.js";
export type { HostedChild } from "./channel/channel-opener.js";
export type { SessionClient } from "./route/session-client.js";
export type { Session } from "./session/session.js";

export interface HostedServersOptions extends ServerLog {
  stateDir: string;
  serversFile: string;
  installRoot: string;
  execPath: string;
  /** Our version, which hosted servers get as their client's. */
  version: string;
  /** Servers start only when the processes that an earlier daemon left behind have ended. */
  orphansGone?: Promise<unknown>;
  /** Gets all hosted processes each time one starts or ends. */
  onChildrenChanged: (children: HostedChild[]) => void;
  /** The result of `status` has changed. */
  onChanged: () => void;
  /** The environment of hosted servers; the user's login environment by default. */
  env?: () => Promise<Record<string, string>>;
}

/** A request without an answer yet. */
export interface OpenServerCall {
  server: string;
  method: string;
  tool: string | undefined;
  /** It has, or may have, reached the hosted server. */
  delivered: boolean;
}

/** The hosted servers and the sessions with them. Does nothing until the first session, or `start`. */
export class HostedServers implements SessionContext {
  readonly table: ServerTable;
  readonly bridgeViews: BridgeViews;
  readonly #options: HostedServersOptions;
  readonly #channels: ChannelOpener;
  readonly #inFlight = new InFlight();
  readonly #aggregates = new Map<Port, AllServersSession>();
  readonly #ofOneServer = new Map<Port, OneServerSession>();
  readonly #login: CurrentLogin;
  /** The configuration is read again for the sake of a login environment that has just come. */
  #hasLateLogin = false;
  #refusing = false;

  constructor(options: HostedServersOptions) {
    this.#options = options;
    const { log, breadcrumb, version, onChanged, onChildrenChanged, orphansGone } = options;
    this.#channels = new ChannelOpener(options.stateDir, () => this.#env(), orphansGone, onChildrenChanged);
    const hellos = new HelloStore(`${options.stateDir}/server-hellos.json`, (problem) =>
      log("warn", "servers", problem),
    );
    const warn = (problem: string): void => log("warn", "servers", problem);
    const lists = new ListStore(catalogueDirectory(options.stateDir), warn);
    this.bridgeViews = new BridgeViews(options.stateDir, () => this.table.text, warn);
    this.#login = new CurrentLogin({
      env: process.env,
      onProblem: (problem) => log("warn", "servers", problem),
      onLate: () => {
        this.#hasLateLogin = true;
        void this.table.reload();
      },
    });
    const everywhere = { [Symbol.iterator]: () => this.#aggregates.keys() };
    this.table = new ServerTable({
      path: options.serversFile,
      log,
      breadcrumb,
      onChanged,
      onMembersChanged: () => {
        for (const session of [...this.#aggregates.values(), ...this.#ofOneServer.values()]) session.onServersChanged();
      },
      read: () => this.#read(),
      isIncomplete: () => this.#login.hasFailed,
      serverOptions: (name) => ({
        name,
        version,
        log,
        breadcrumb,
        onChanged,
        everywhere,
        inFlight: this.#inFlight,
        hellos,
        lists,
        openChannel: (server, config) => this.#channels.opener(server, config),
        onReady: (server) => {
          for (const session of this.#aggregates.values()) session.onServerReady(server);
        },
      }),
    });
  }

  /** How many requests are open. */
  get inFlight(): number {
    return this.#inFlight.count;
  }

  /** How many hosted processes exist or are being started. */
  get running(): number {
    let running = 0;
    for (const [, server] of this.table.everyServer()) running += server.running;
    return Math.max(running, this.#channels.children.length);
  }

  /** Without `server`: a session with all servers at once, whose tools are named `server__tool`. */
  openSession(server: string | undefined, client: SessionClient): Session {
    if (server !== undefined) {
      const session = new OneServerSession(server, client, this);
      this.#ofOneServer.set(session.port, session);
      return session;
    }
    const session = new AllServersSession(client, this, this.#inFlight);
    this.#aggregates.set(session.port, session);
    for (const configured of this.table.servers.values()) configured.updateLogLevel();
    return session;
  }

  /** Reads the configuration and starts eager servers, in the background. */
  start(): void {
    setImmediate(() => void this.table.load());
  }

  /** Resolves when the configuration has been read. */
  loaded(): Promise<void> {
    return this.table.load();
  }

  /** Why nothing in `servers.json` can be used; undefined if it can. */
  get fileProblem(): string | undefined {
    return this.table.fileProblem;
  }

  /** Empty until the configuration has been read. */
  status(): ServerStatus[] {
    return this.table.status();
  }

  openCalls(): OpenServerCall[] {
    return [...this.table.everyServer()].flatMap(([name, server]) =>
      server.openCalls().map((call) => ({ server: name, ...call })),
    );
  }

  isRefusing(): boolean {
    return this.#refusing;
  }

  onClosed(port: Port): void {
    this.#aggregates.delete(port);
    this.#ofOneServer.delete(port);
  }

  /** From now on new requests are answered with "draining" and not delivered. */
  refuseNew(): void {
    this.#refusing = true;
    this.table.stop();
  }

  /** Resolves when no request is open. */
  drained(): Promise<void> {
    return this.#inFlight.none();
  }

  /** Answers every open request with "draining". Returns the calls that had been delivered. */
  cutOff(): { server: string; tool: string }[] {
    const delivered = this.openCalls().filter((call) => call.delivered);
    for (const [, server] of this.table.everyServer()) server.cutOff();
    for (const session of this.#aggregates.values()) session.cutOff();
    return delivered.map(({ server, method, tool }) => ({ server, tool: tool ?? method }));
  }

  /** Restarts one server; its open calls get 5 s. Rejects with an RpcError if no server has that name. */
  async restart(name: string): Promise<void> {
    await this.table.load();
    const server = this.table.find(name);
    if ("code" in server) throw asRpcError(server);
    this.#login.refresh();
    server.restart(`The server "${name}" was restarted on request.`);
  }

  /** Reads `servers.json` now. */
  reload(): Promise<void> {
    return this.table.reload();
  }

  /** Ends all hosted servers within `boundMs`; with 0 they are killed at once. */
  async stop(boundMs: number): Promise<void> {
    this.refuseNew();
    const graceMs = boundMs / 3;
    const stopped = Promise.all([...this.table.everyServer()].map(([, server]) => server.stop(graceMs)));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, boundMs)));
    await Promise.race([stopped, late]);
    clearTimeout(timer);
    this.#channels.kill();
    this.#login.stop();
  }

  async #read(): ReturnType<typeof import("../config/load-servers.js").loadServers> {
    // Users who edit the file may have edited what it refers to as well.
    if (!this.#hasLateLogin) this.#login.refresh();
    this.#hasLateLogin = false;
    const { loadServers } = await import("../config/load-servers.js");
    const { serversFile, installRoot, stateDir, execPath } = this.#options;
    return loadServers(serversFile, { env: () => this.#env(), installRoot, stateDir, execPath });
  }

  #env(): Promise<Record<string, string>> {
    return this.#options.env?.() ?? this.#login.get();
  }
}
