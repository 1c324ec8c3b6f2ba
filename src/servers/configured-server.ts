import type { ServerConfig } from "../config/server-config.js";
import type { ServerState, ServerStatus } from "../wire/control.js";
import type { OpenChannel } from "./channel/channel.js";
import type { ServerLog } from "./process/hosted-server.js";
import type { Port } from "./route/port.js";
import { redactor } from "./environment/redact.js";
import { MAX_TIMER_MS } from "./process/idle-timer.js";
import { notificationFrame } from "../mcp/answer-frames.js";
import { LIST_CAPABILITIES, listChanged } from "../mcp/lists.js";
import type { OpenCall } from "./route/open-requests.js";
import type { InFlight } from "./in-flight.js";
import { Usage } from "./usage.js";
import { ClientState } from "./route/client-state.js";
import { Router, type RouterOptions } from "./route/to-server.js";
import type { ServerHello } from "./process/hello.js";
import { Spare } from "./process/spare.js";
import type { Era } from "../mcp/era.js";
import { offerToServer } from "./offer.js";

export interface ConfiguredServerOptions extends ServerLog {
  name: string;
  version: string;
  inFlight: InFlight;
  openChannel: (name: string, config: ServerConfig) => OpenChannel;
  /** Sessions with all servers at once, which hear what any of them says. */
  everywhere: Iterable<Port>;
  onChanged: () => void;
  /** It can be asked: for those who left it out of a list before. */
  onReady: (name: string) => void;
}

/** One configured server: its sessions, and the processes that serve them. */
export class ConfiguredServer {
  readonly #usage = new Usage();
  readonly ports = new Set<Port>();
  readonly #options: ConfiguredServerOptions;
  #config: ServerConfig;
  #spare: Spare;
  /** With "share": "shared" one for all sessions, at most one of each era. */
  readonly #shared: Partial<Record<Era, Router>> = {};
  /** With "share": "session". */
  readonly #own = new Map<Port, Partial<Record<Era, Router>>>();
  /** Routers on their way out, which may still have open calls. */
  readonly #retiring = new Map<Router, Promise<void>>();
  /** Of both eras, since a process speaks one of them. */
  readonly #states: Record<Era, ClientState> = { initialize: new ClientState(), none: new ClientState() };
  #hello: ServerHello | undefined;
  /** The same as text, kept over restarts: what the clients know. */
  #told: string | undefined;
  #restarted = false;
  #spareTimer: NodeJS.Timeout | undefined;

  constructor(config: ServerConfig, options: ConfiguredServerOptions) {
    this.#config = config;
    this.#options = options;
    this.#spare = new Spare(options.openChannel(options.name, config));
  }

  get config(): ServerConfig {
    return this.#config;
  }

  /** The latest answer to `initialize` of any of its processes under the present configuration. */
  get hello(): ServerHello | undefined {
    return this.#hello;
  }

  /** The router for a session's requests, made at its first one. */
  routerFor(port: Port, era: Era): Router {
    if (this.#config.share === "shared") return this.#sharedRouter(era);
    let own = this.#own.get(port);
    if (own === undefined) this.#own.set(port, (own = {}));
    return (own[era] ??= this.#createRouter(era, port));
  }

  /** Every router that may hold something of this session's. */
  routersOf(port: Port): Router[] {
    const { initialize, none } = this.#config.share === "shared" ? this.#shared : (this.#own.get(port) ?? {});
    return [initialize, none, ...this.#retiring.keys()].filter((router) => router !== undefined);
  }

  /** The session is over. */
  release(port: Port): void {
    this.ports.delete(port);
    for (const router of this.routersOf(port)) router.detach(port);
    for (const era of ERAS) this.#states[era].drop(port);
    const own = this.#own.get(port);
    this.#own.delete(port);
    for (const router of Object.values(own ?? {})) this.#retire(router, 0, "Its session ended.");
    if (this.ports.size === 0) this.#discardSpareLater();
  }

  /** Starts an eager server. */
  startEagerly(): void {
    if (this.#config.start !== "eager") return;
    if (this.#config.share === "session") this.#spare.prepare();
    else this.#sharedRouter("initialize").server.demand();
  }

  /** Replaces every process; the next request starts new ones, which wait for the old ones' end. */
  restart(why: string, config = this.#config): void {
    const wasRunning = this.#shared.initialize !== undefined && this.#shared.initialize.server.state !== "stopped";
    void this.#spare.discard();
    this.#config = config;
    this.#hello = undefined;
    this.#restarted = true;
    this.#spare = new Spare(this.#options.openChannel(this.#options.name, config));
    const old = this.#takeRouters();
    const unsent = old.flatMap(({ router, era }) => router.handOver().map((request) => ({ request, era })));
    for (const { router } of old) this.#retire(router, CHANGE_GRACE_MS, why);
    for (const { request, era } of unsent) this.routerFor(request.port, era).retry(request);
    // Warm stays warm: who used it before finds it running.
    if (wasRunning && config.share === "shared") this.#sharedRouter("initialize").server.demand();
    this.startEagerly();
    this.#options.onChanged();
  }

  /** Ends all; with `boundMs` for calls that are open. */
  async remove(boundMs: number, why: string): Promise<void> {
    for (const { router } of this.#takeRouters()) this.#retire(router, boundMs, why);
    await Promise.all([this.#spare.discard(), ...this.#retiring.values()]);
  }

  async stop(graceMs: number): Promise<void> {
    const routers = [...this.#takeRouters().map(({ router }) => router), ...this.#retiring.keys()];
    for (const router of routers) router.cutOff();
    await Promise.all([this.#spare.discard(graceMs), ...routers.map((router) => router.stop(graceMs))]);
  }

  openCalls(): OpenCall[] {
    return this.#routers().flatMap((router) => router.openCalls());
  }

  cutOff(): void {
    for (const router of this.#routers()) router.cutOff();
  }

  /** Processes that exist or are being started. */
  get running(): number {
    return this.#routers().filter((router) => !["stopped", "backoff"].includes(router.server.state)).length;
  }

  status(): ServerStatus {
    const servers = this.#routers().map((router) => router.server);
    const state = STATES.find((candidate) => servers.some((server) => server.state === candidate)) ?? "stopped";
    const problem = servers.find((server) => server.problem !== undefined)?.problem;
    return {
      name: this.#options.name,
      state,
      pid: servers.find((server) => server.pid !== null)?.pid ?? null,
      version: this.#hello?.serverInfo.version || null,
      sessions: this.ports.size,
      ...this.#usage.status(),
      ...(problem === undefined ? {} : { problem }),
    };
  }

  #sharedRouter(era: Era): Router {
    return (this.#shared[era] ??= this.#createRouter(era, undefined));
  }

  #createRouter(era: Era, port: Port | undefined): Router {
    const { name, version, log, breadcrumb, inFlight } = this.#options;
    const config = this.#config;
    const options: RouterOptions = {
      name,
      version,
      log,
      breadcrumb,
      inFlight,
      open: port === undefined ? this.#options.openChannel(name, config) : this.#spare.take,
      era,
      clientCapabilities: () => offerToServer(port?.client.capabilities),
      redact: redactor(config),
      keepUp: config.start === "eager" && port === undefined,
      after: port !== undefined || this.#retiring.size === 0 ? undefined : this.#retired(),
      timeoutMs: config.timeoutMs,
      idleMs: config.idleMs,
      usage: this.#usage,
      state: port ? this.#states[era].of(port) : this.#states[era],
      ports: () => (port ? [port] : this.#listeners()),
      onStateChanged: () => this.#options.onChanged(),
      onReady: (hello) => this.#onReady(hello, port),
    };
    return new Router(options);
  }

  #onReady(hello: ServerHello | undefined, port: Port | undefined): void {
    if (port !== undefined) this.#spare.prepare();
    if (hello === undefined) return;
    const before = this.#told;
    this.#told = JSON.stringify(hello);
    this.#hello = hello;
    this.#options.onReady(this.#options.name);
    // Another program, or another version of it, may have other tools than the one that the clients asked.
    if (before !== undefined && (this.#restarted || before !== this.#told)) this.#announceLists(hello, port);
    this.#restarted = false;
  }

  /** Tells the clients of a process to read its lists again. */
  #announceLists({ capabilities }: ServerHello, port: Port | undefined): void {
    for (const list of LIST_CAPABILITIES) {
      if (capabilities[list] === undefined) continue;
      const frame = notificationFrame(listChanged(list));
      for (const listener of port ? [port] : this.#listeners()) listener.deliver(frame);
    }
  }

  *#listeners(): Iterable<Port> {
    yield* this.ports;
    yield* this.#options.everywhere;
  }

  /** A spare is for those who come and go; when nobody has come for the idle time it goes as well. */
  #discardSpareLater(): void {
    const { idleMs } = this.#config;
    if (idleMs === Infinity) return;
    clearTimeout(this.#spareTimer);
    this.#spareTimer = setTimeout(
      () => {
        if (this.ports.size === 0) void this.#spare.discard();
      },
      Math.min(idleMs, MAX_TIMER_MS),
    );
    this.#spareTimer.unref();
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
    const own = [...this.#own.values()].flatMap((routers) => Object.values(routers));
    return [...Object.values(this.#shared), ...own, ...this.#retiring.keys()];
  }

  #takeRouters(): { router: Router; era: Era }[] {
    const groups = [this.#shared, ...this.#own.values()];
    this.#own.clear();
    return groups.flatMap((group) =>
      ERAS.flatMap((era) => {
        const router = group[era];
        delete group[era];
        return router ? { router, era } : [];
      }),
    );
  }
}

const ERAS: readonly Era[] = ["initialize", "none"];

/** Of several processes the liveliest one speaks for the server. */
const STATES: readonly ServerState[] = ["ready", "starting", "stopping", "backoff"];

/** How long open calls may go on when their server is to be replaced, ms. */
const CHANGE_GRACE_MS = 5_000;
