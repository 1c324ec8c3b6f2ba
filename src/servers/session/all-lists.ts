import { LISTS, type ListMethod } from "../../mcp/lists.js";
import { readPages, type Page } from "../../mcp/pages.js";
import { nameWithServer } from "../../mcp/tool-name.js";
import { asObject } from "../../wire/message.js";
import type { ConfiguredServer } from "../configured-server.js";
import type { Port } from "../route/port.js";
import type { Router } from "../route/to-server.js";
import { boundedRequest, SERVER_WAIT_MS } from "./bounded-request.js";

/** An item of a server's list, as the server gave it. */
export interface ListedItem {
  server: string;
  item: unknown;
}

/** Every server's lists, read for one session. */
export class AllLists {
  readonly #port: Port;
  readonly #servers: () => ReadonlyMap<string, ConfiguredServer>;
  /** Servers that were missing from a list, since they were not ready in time. */
  readonly #leftOut = new Set<string>();

  constructor(port: Port, servers: () => ReadonlyMap<string, ConfiguredServer>) {
    this.#port = port;
    this.#servers = servers;
  }

  /** All servers' items, in the servers' order. A server that is not ready in time is left out. */
  async read(method: ListMethod): Promise<ListedItem[]> {
    const parts = await Promise.all(
      [...this.#servers()].map(async ([name, server]) => {
        const items = await this.#readOne(server, method);
        if (items === undefined) this.#leftOut.add(name);
        return (items ?? []).map((item) => ({ server: name, item }));
      }),
    );
    return parts.flat();
  }

  /** True, once, when a list lacked the server, so that the client should read its lists again. */
  wasLeftOut(server: string): boolean {
    return this.#leftOut.delete(server);
  }

  async #readOne(server: ConfiguredServer, method: ListMethod): Promise<unknown[] | undefined> {
    const router = server.routerFor(this.#port, "initialize");
    const hello = await router.ready(SERVER_WAIT_MS);
    if (hello === undefined || this.#port.closed) return undefined;
    return hello.capabilities[LISTS[method].capability] === undefined ? [] : this.#readPages(router, method);
  }

  #readPages(router: Router, method: ListMethod): Promise<unknown[] | undefined> {
    const ask = async (params: object): Promise<Page<unknown> | undefined> => {
      const answer = await boundedRequest(router, this.#port, method, params, SERVER_WAIT_MS);
      if (!answer.ok) return undefined;
      const items = answer.result[LISTS[method].key];
      return { items: Array.isArray(items) ? items : [], nextCursor: answer.result["nextCursor"] };
    };
    return readPages(method, ask, (item, key) => asObject(item)[key]);
  }
}

/** The items as clients see them: what a name identifies gets its server's name in front. */
export function joined(method: ListMethod, items: ListedItem[]): unknown[] {
  if (LISTS[method].identifiedBy !== "name") return items.map(({ item }) => item);
  return items.map(({ server, item }) => {
    const { name } = asObject(item);
    return typeof name === "string" ? { ...asObject(item), name: nameWithServer(server, name) } : item;
  });
}
