import type { Port } from "../route/port.js";
import type { Router } from "../route/to-server.js";
import type { PoolOptions, ProcessPool } from "./process-pool.js";

/** `"share": "shared"`: one process for all clients. Two of them would work on the same data. */
export class OneForAll implements ProcessPool {
  readonly #options: PoolOptions;
  #router: Router | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  routerFor(_port: Port): Router {
    return this.#routerOfAll();
  }

  routersOf(): Router[] {
    return this.routers();
  }

  routers(): Router[] {
    return this.#router === undefined ? [] : [this.#router];
  }

  release(): Router[] {
    return [];
  }

  startAhead(): void {
    this.#routerOfAll().process.demand();
  }

  isWarm(): boolean {
    return this.#router !== undefined && this.#router.process.state !== "stopped";
  }

  async close(): Promise<void> {
    this.#router = undefined;
  }

  #routerOfAll(): Router {
    if (this.#router !== undefined) return this.#router;
    const { config, open } = this.#options;
    const after = this.#options.predecessors();
    const keepUp = config.start === "eager";
    this.#router = this.#options.createRouter({ open, keepUp, after, client: undefined });
    return this.#router;
  }
}
