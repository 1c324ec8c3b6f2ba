import type { ServerConfig } from "../config/server-config.js";
import { errorFrame, notificationFrame, resultFrame } from "../mcp/answer-frames.js";
import type { Era } from "../mcp/era.js";
import { LIST_CAPABILITIES, listChanged, type ListMethod } from "../mcp/lists.js";
import { isMcpLogLevel } from "../mcp/log-level.js";
import { logLevelOf } from "../mcp/params.js";
import { methodNotFound } from "../mcp/refusals.js";
import { textAt } from "../mcp/span.js";
import type { ServerState, ServerStatus } from "../wire/control.js";
import type { RequestEnvelope } from "../wire/envelope.js";
import type { OpenChannel } from "./channel/channel.js";
import { redactor } from "../config/secrets/redactor.js";
import type { InFlight } from "./in-flight.js";
import { holdsSecret } from "./configuration-key.js";
import type { HelloStore } from "./hello-store.js";
import type { ListStore } from "./list-store.js";
import { ownIntroduction, sharedIntroduction, withheldFromShared } from "./offer.js";
import type { ServerHello } from "./process/hello.js";
import type { ServerLog } from "./server-log.js";
import { OneEach } from "./pool/one-each.js";
import { OneForAll } from "./pool/one-for-all.js";
import type { PooledRouterOptions, ProcessPool } from "./pool/process-pool.js";
import { CallTurns } from "./route/call-turns.js";
import { ClientState } from "./route/client-state.js";
import type { OpenCall } from "./route/open-requests.js";
import type { Port } from "./route/port.js";
import { Router } from "./route/to-server.js";
import { Usage } from "./usage.js";

export interface ConfiguredServerOptions extends ServerLog {
  name: string;
  version: string;
  inFlight: InFlight;
  hellos: HelloStore;
  lists: ListStore;
  openChannel: (name: string, config: ServerConfig) => OpenChannel;
  /** Sessions with all servers at once, which get every server's notifications. */
  everywhere: Iterable<Port>;
  onChanged: () => void;
  /** It answers requests now. Sessions that left it out of a list can list it. */
  onReady: (name: string) => void;
}

/** One entry of servers.json: its sessions, what they have set, and the processes that serve them. */
export class ConfiguredServer {
  readonly ports = new Set<Port>();
  readonly #options: ConfiguredServerOptions;
  readonly #usage = new Usage();
  readonly #state = new ClientState();
  #config: ServerConfig;
  #pool: ProcessPool;
  /** Routers of replaced processes, which may still have open calls. */
  readonly #retiring = new Map<Router, Promise<void>>();
  /** The latest answer to `initialize` since the process was last replaced. */
  #hello: ServerHello | undefined;
  /** What the clients of each process know of it; `this` stands for all of them. Kept over restarts. */
  readonly #announced = new WeakMap<Port | this, { hello: ServerHello; restarts: number }>();
  /** Sessions that got lists without the server being asked. */
  readonly #toldFromMemory = new Set<Port>();
  #restarts = 0;
  #withheldIsLogged = false;

  constructor(config: ServerConfig, options: ConfiguredServerOptions) {
    this.#config = config;
    this.#options = options;
    this.#pool = this.#createPool(config);
    const hello = this.lastHello;
    if (hello !== undefined) this.#announced.set(this, { hello, restarts: 0 });
  }

  get name(): string {
    return this.#options.name;
  }

  get config(): ServerConfig {
    return this.#config;
  }

  /**
   * The last answer to `initialize` under the present configuration, even if it was an earlier daemon's process that gave
   * it. Undefined for a server that starts for each of its clients.
   */
  get lastHello(): ServerHello | undefined {
    if (this.#config.share !== "shared") return undefined;
    return this.#hello ?? this.#options.hellos.get(this.#config);
  }

  /**
   * The last known result of a list, as JSON text, for a session that takes it; undefined when the server runs for it, and can be
   * asked, or when nothing is known. When the server starts, the session learns that it should read the list again.
   */
  knownList(port: Port, method: ListMethod): string | undefined {
    if (port.client.takesKnownLists !== true || this.#isReadyFor(port)) return undefined;
    const known = this.#options.lists.get(this.#config, method);
    if (known !== undefined) this.#toldFromMemory.add(port);
    return known;
  }

  /** True if the value repeats a secret of the server's entry. */
  repeatsSecret(value: unknown): boolean {
    return holdsSecret(value, redactor(this.#config));
  }

  /** The server gave this result, as JSON text, for a list. */
  rememberList(method: ListMethod, resultText: string): void {
    this.#options.lists.put(this.#config, method, resultText);
  }

  /** A session with it has begun. */
  join(port: Port): void {
    if (port.closed) return;
    this.ports.add(port);
    this.updateLogLevel();
    if (this.#config.share !== "shared" || this.#withheldIsLogged) return;
    const withheld = withheldFromShared(port.client.capabilities);
    if (withheld === undefined) return;
    this.#withheldIsLogged = true;
    const advice = `If it needs them, set "lockstep": {"share": "session"} in its entry.`;
    this.#options.log(
      "info",
      this.#options.name,
      `has one process for all clients, so it gets no ${withheld}. ${advice}`,
    );
  }

  /**
   * A session goes on here that was with the server of this name before, whose entry was removed and added again: its
   * subscriptions are made anew, and its client reads the lists again.
   */
  takeOver(port: Port, before: ConfiguredServer): void {
    const hellos = [before.#hello, before.lastHello, this.lastHello].filter((hello) => hello !== undefined);
    this.takeSubscriptions(port, before);
    this.join(port);
    announceLists(hellos, [port]);
  }

  /**
   * A session's subscriptions go on here that it had at the server of this name before. What it has asked that one is
   * still answered there.
   */
  takeSubscriptions(port: Port, before: ConfiguredServer): void {
    const uris = before.#state.subscriptionsOf(port);
    before.ports.delete(port);
    before.#state.drop(port);
    for (const uri of uris) this.#state.subscribe(port, uri);
    if (uris.length > 0) this.routerFor(port).process.demand();
  }

  /** The era of its processes, if it is known without one: the last answer to `initialize` is kept. */
  get era(): Era | undefined {
    return this.#config.kind === "url" || this.lastHello !== undefined ? "initialize" : undefined;
  }

  /** The router for a session's requests. Made when it is first needed. */
  routerFor(port: Port): Router {
    return this.#pool.routerFor(port);
  }

  /** Every router that may have requests or subscriptions of this session. */
  routersOf(port: Port): Router[] {
    return [...this.#pool.routersOf(port), ...this.#retiring.keys()];
  }

  /** The session is over. */
  release(port: Port): void {
    this.ports.delete(port);
    this.#toldFromMemory.delete(port);
    for (const router of this.routersOf(port)) router.detach(port);
    this.#state.drop(port);
    for (const router of this.#pool.release(port)) this.#retire(router, 0, "Its session ended.");
  }

  /**
   * Answers a client's `logging/setLevel`, as the server itself would. A server that does not run is not started for it:
   * its next process gets the level before anything else.
   */
  setLogLevel(port: Port, request: RequestEnvelope): void {
    const router = this.routerFor(port);
    const hello = this.lastHello;
    const idText = textAt(request.raw, request.idSpan);
    const level = logLevelOf(request);
    if (hello !== undefined && hello.capabilities["logging"] === undefined) {
      port.deliver(errorFrame(idText, methodNotFound("Method not found")));
    } else if (hello !== undefined && router.process.state === "stopped" && isMcpLogLevel(level)) {
      port.logLevel = level;
      port.deliver(resultFrame(idText, {}));
    } else router.request(port, request);
  }

  /** Gives its processes the level that its clients need now. */
  updateLogLevel(): void {
    for (const router of this.#pool.routers()) router.updateLogLevel();
  }

  /** Starts an eager server. */
  startEagerly(): void {
    if (this.#config.start === "eager") this.#pool.startAhead();
  }

  /** Replaces every process. New ones wait for the end of the old ones. */
  restart(why: string, config = this.#config): void {
    const old = this.#pool;
    const routers = old.routers();
    const wasWarm = old.isWarm();
    void old.close();
    if (config !== this.#config) this.#withheldIsLogged = false;
    this.#config = config;
    this.#hello = undefined;
    this.#restarts++;
    this.#pool = this.#createPool(config);
    const unsent = routers.flatMap((router) => router.handOver());
    for (const router of routers) this.#retire(router, CHANGE_GRACE_MS, why);
    for (const request of unsent) this.routerFor(request.port).retry(request);
    // Clients that used it before find it running again.
    if (wasWarm || config.start === "eager") this.#pool.startAhead();
    this.#options.onChanged();
  }

  /** Ends all its processes; open calls get `boundMs`. */
  async remove(boundMs: number, why: string): Promise<void> {
    for (const router of this.#pool.routers()) this.#retire(router, boundMs, why);
    await Promise.all([this.#pool.close(), ...this.#retiring.values()]);
  }

  /** Ends all its processes now, and answers their open calls with "draining". */
  async stop(graceMs: number): Promise<void> {
    const routers = this.#routers();
    for (const router of routers) router.cutOff();
    await Promise.all([this.#pool.close(graceMs), ...routers.map((router) => router.stop(graceMs))]);
  }

  openCalls(): OpenCall[] {
    return this.#routers().flatMap((router) => router.openCalls());
  }

  /** Answers every open request with "draining". */
  cutOff(): void {
    for (const router of this.#routers()) router.cutOff();
  }

  /** Processes that exist or are being started. */
  get running(): number {
    return this.#routers().filter((router) => !["stopped", "backoff"].includes(router.process.state)).length;
  }

  status(): ServerStatus {
    const servers = this.#routers().map((router) => router.process);
    const state = STATES.find((candidate) => servers.some((server) => server.state === candidate)) ?? "stopped";
    const problem = servers.find((server) => server.problem !== undefined)?.problem;
    return {
      name: this.#options.name,
      state,
      pid: servers.find((server) => server.pid !== null)?.pid ?? null,
      version: this.#version(),
      sessions: this.ports.size,
      ...this.#usage.status(),
      ...(problem === undefined ? {} : { problem }),
    };
  }

  /** What the server gives as its version, which may be any text; a version number is shown even if env holds it as well. */
  #version(): string | null {
    const version = this.#hello?.serverInfo.version ?? "";
    return (/^v?\d+(\.\d+)+\S{0,20}$/.test(version) ? version : redactor(this.#config)(version)) || null;
  }

  #createPool(config: ServerConfig): ProcessPool {
    const { name, openChannel } = this.#options;
    const turns = new CallTurns(config.concurrency);
    const options = {
      config,
      open: openChannel(name, config),
      createRouter: (pooled: PooledRouterOptions) => this.#createRouter(config, turns, pooled),
      predecessors: () => (this.#retiring.size === 0 ? undefined : this.#retired()),
    };
    return config.share === "shared" ? new OneForAll(options) : new OneEach(options);
  }

  #createRouter(config: ServerConfig, turns: CallTurns, { client, onReady, ...pooled }: PooledRouterOptions): Router {
    const { name, version, log, breadcrumb, inFlight } = this.#options;
    const state = this.#state;
    return new Router({
      ...pooled,
      name,
      log,
      breadcrumb,
      inFlight,
      client: client ? ownIntroduction(client.client) : sharedIntroduction(version),
      redact: redactor(config),
      timeoutMs: config.timeoutMs,
      startTimeoutMs: config.startTimeoutMs,
      idleMs: config.idleMs,
      keptByClients: config.keptByClients,
      turns,
      onlyClient: client,
      usage: this.#usage,
      state: client ? state.of(client) : state,
      ports: () => (client ? [client] : this.#listeners()),
      onStateChanged: () => this.#options.onChanged(),
      onReady: (hello) => {
        onReady?.();
        if (hello !== undefined) this.#onHello(hello, client);
      },
    });
  }

  /** `client`: the only one of the process that gave the answer. */
  #onHello(hello: ServerHello, client: Port | undefined): void {
    const known = this.#announced.get(client ?? this);
    this.#announced.set(client ?? this, { hello, restarts: this.#restarts });
    this.#hello = hello;
    if (client === undefined) this.#options.hellos.put(this.#config, hello);
    this.#options.onReady(this.#options.name);
    const told = [...this.#toldFromMemory].filter((port) => client === undefined || client === port);
    for (const port of told) this.#toldFromMemory.delete(port);
    announceLists([hello], told);
    if (known === undefined) return;
    // Another program, or another version of it, may have other tools than the one that the clients asked.
    const isOther = known.restarts !== this.#restarts || JSON.stringify(known.hello) !== JSON.stringify(hello);
    if (isOther) announceLists([known.hello, hello], client ? [client] : this.#listeners());
  }

  #isReadyFor(port: Port): boolean {
    return this.#pool.routersOf(port).some((router) => router.process.state === "ready");
  }

  *#listeners(): Iterable<Port> {
    yield* this.ports;
    yield* this.#options.everywhere;
  }

  async #retired(): Promise<void> {
    await Promise.all(this.#retiring.values());
  }

  #retire(router: Router, boundMs: number, why: string): void {
    const done = router.retire(boundMs, why).finally(() => {
      this.#retiring.delete(router);
      this.#options.onChanged();
    });
    this.#retiring.set(router, done);
  }

  #routers(): Router[] {
    return [...this.#pool.routers(), ...this.#retiring.keys()];
  }
}

/** Makes clients read the lists again that the server had or has. */
function announceLists(hellos: ServerHello[], listeners: Iterable<Port>): void {
  const frames = LIST_CAPABILITIES.filter((list) =>
    hellos.some(({ capabilities }) => capabilities[list] !== undefined),
  ).map((list) => notificationFrame(listChanged(list)));
  for (const port of listeners) for (const frame of frames) port.deliver(frame);
}

/** Of several processes, the one that is furthest in its life gives the server's state. */
const STATES: readonly ServerState[] = ["ready", "starting", "stopping", "backoff"];

/** How long open calls may go on when their server is to be replaced, ms. */
const CHANGE_GRACE_MS = 5_000;
