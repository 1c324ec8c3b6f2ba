import type { ListCapability, ListMethod } from "../../mcp/lists.js";
import type { ConfiguredServer } from "../configured-server.js";
import type { Port } from "../route/port.js";
import type { ListItem } from "./list-item.js";
import { ServerLists } from "./server-lists.js";

/** An item of one server's list. */
export interface ListedItem {
  server: string;
  item: ListItem;
}

/** Every server's lists, read for one session. */
export class AllLists {
  readonly #port: Port;
  readonly #servers: () => ReadonlyMap<string, ConfiguredServer>;
  readonly #announce: (lists: Iterable<ListCapability>) => void;
  readonly #ofServer = new WeakMap<ConfiguredServer, ServerLists>();

  /** `announce` is called when the client should read lists again. */
  constructor(
    port: Port,
    servers: () => ReadonlyMap<string, ConfiguredServer>,
    announce: (lists: Iterable<ListCapability>) => void,
  ) {
    this.#port = port;
    this.#servers = servers;
    this.#announce = announce;
  }

  /** All servers' items, in the servers' order. A server that is not ready in time is left out. */
  async read(method: ListMethod): Promise<ListedItem[]> {
    const parts = await Promise.all(
      [...this.#servers()].map(async ([name, server]) => {
        const items = (await this.#listsOf(server).read(method)) ?? [];
        return items.map((item) => ({ server: name, item }));
      }),
    );
    return parts.flat();
  }

  /** True if what was read last lacks the part of a server. */
  lacks(method: ListMethod): boolean {
    return [...this.#servers().values()].some((server) => this.#listsOf(server).lacks(method));
  }

  /** The server can be asked for its lists now. */
  onServerReady(name: string): void {
    const server = this.#servers().get(name);
    if (server !== undefined) this.#ofServer.get(server)?.announceLacking();
  }

  #listsOf(server: ConfiguredServer): ServerLists {
    let lists = this.#ofServer.get(server);
    if (lists === undefined) this.#ofServer.set(server, (lists = new ServerLists(this.#port, server, this.#announce)));
    return lists;
  }
}
