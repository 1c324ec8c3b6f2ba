import type { Era } from "../../mcp/era.js";
import type { Port } from "../route/port.js";
import type { Router } from "../route/to-server.js";
import type { PoolOptions, ProcessPool } from "./process-pool.js";

/** `"share": "shared"`: one process for all clients, at most one of each era. */
export class OneForAll implements ProcessPool {
  readonly #options: PoolOptions;
  readonly #routers = new Map<Era, Router>();

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  routerFor(_port: Port, era: Era): Router {
    return this.#routerOf(era);
  }

  routersOf(): Router[] {
    return this.routers();
  }

  routers(): Router[] {
    return [...this.#routers.values()];
  }

  release(): Router[] {
    return [];
  }

  startAhead(): void {
    this.#routerOf("initialize").process.demand();
  }

  isWarm(): boolean {
    const router = this.#routers.get("initialize");
    return router !== undefined && router.process.state !== "stopped";
  }

  async close(): Promise<void> {
    this.#routers.clear();
  }

  #routerOf(era: Era): Router {
    const known = this.#routers.get(era);
    if (known !== undefined) return known;
    const { config, open } = this.#options;
    const after = this.#options.predecessors();
    const keepUp = config.start === "eager";
    const router = this.#options.createRouter({ era, open, keepUp, after, client: undefined });
    this.#routers.set(era, router);
    return router;
  }
}
