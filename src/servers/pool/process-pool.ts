import type { ServerConfig } from "../../config/server-config.js";
import type { OpenChannel } from "../channel/channel.js";
import type { Port } from "../route/port.js";
import type { Router, RouterOptions } from "../route/to-server.js";

/** The processes of one configured server under one configuration: one for all clients, or one for each. */
export interface ProcessPool {
  /** The router to the process for a client's requests. Made when it is first needed. */
  routerFor(port: Port): Router;
  /** The routers that may have requests or subscriptions of a client. */
  routersOf(port: Port): Router[];
  routers(): Router[];
  /** The client's session ended. Returns the routers that served only this client, which are to be retired. */
  release(port: Port): Router[];
  /** Starts what can be started before a client needs it. */
  startAhead(): void;
  /** True while the process for all clients runs or starts. */
  isWarm(): boolean;
  /** Gives up the routers, and ends processes without one. `graceMs` as in `Channel.stop`. */
  close(graceMs?: number): Promise<void>;
}

export interface PoolOptions {
  config: ServerConfig;
  open: OpenChannel;
  createRouter(options: PooledRouterOptions): Router;
  /** Resolves when the processes of the pool before this one have ended; undefined when there are none left. */
  predecessors(): Promise<void> | undefined;
}

/** The part of a router's options that depends on the pool. */
export interface PooledRouterOptions extends Pick<RouterOptions, "open" | "keepUp" | "after"> {
  /** The only client of its process; undefined when it serves all. */
  client: Port | undefined;
  onReady?: () => void;
}
