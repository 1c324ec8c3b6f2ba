import type { Port } from "../route/port.js";
import type { Router } from "../route/to-server.js";
import { MAX_TIMER_MS } from "../process/idle-timer.js";
import type { PoolOptions, ProcessPool } from "./process-pool.js";
import { Spare } from "./spare.js";

/** `"share": "session"`: a process for each client, with one kept ready for the next. */
export class OneEach implements ProcessPool {
  readonly #options: PoolOptions;
  readonly #byClient = new Map<Port, Router>();
  readonly #spare: Spare;
  #spareTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#spare = new Spare(options.open);
  }

  routerFor(port: Port): Router {
    let router = this.#byClient.get(port);
    if (router === undefined) this.#byClient.set(port, (router = this.#createRouter(port)));
    return router;
  }

  routersOf(port: Port): Router[] {
    const router = this.#byClient.get(port);
    return router === undefined ? [] : [router];
  }

  routers(): Router[] {
    return [...this.#byClient.values()];
  }

  release(port: Port): Router[] {
    const own = this.routersOf(port);
    this.#byClient.delete(port);
    if (this.#byClient.size === 0) this.#discardSpareLater();
    return own;
  }

  startAhead(): void {
    if (!this.#isClosed) this.#spare.prepare();
  }

  isWarm(): boolean {
    return false;
  }

  async close(graceMs?: number): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#spareTimer);
    this.#byClient.clear();
    await this.#spare.discard(graceMs);
  }

  #createRouter(client: Port): Router {
    return this.#options.createRouter({
      open: this.#spare.take,
      keepUp: false,
      after: undefined,
      client,
      onReady: () => this.startAhead(),
    });
  }

  /** A spare serves clients that come and go, so it ends when none has come for the idle time. */
  #discardSpareLater(): void {
    const { idleMs } = this.#options.config;
    if (idleMs === Infinity || this.#isClosed) return;
    clearTimeout(this.#spareTimer);
    this.#spareTimer = setTimeout(
      () => {
        if (this.#byClient.size === 0) void this.#spare.discard();
      },
      Math.min(idleMs, MAX_TIMER_MS),
    );
    this.#spareTimer.unref();
  }
}
