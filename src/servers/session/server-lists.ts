import { LISTS, type ListCapability, type ListMethod } from "../../mcp/lists.js";
import type { ConfiguredServer } from "../configured-server.js";
import type { Port } from "../route/port.js";
import { LATE, within } from "./bounded-request.js";
import type { ListItem } from "./list-item.js";
import { itemsIn, listResultText, readList } from "./list-pages.js";

/** One server's lists, read for a session with all servers. */
export class ServerLists {
  readonly #port: Port;
  readonly #server: ConfiguredServer;
  readonly #onListed: (lists: ListCapability[]) => void;
  /** What is being read. Several readers of a list share it. */
  readonly #reading = new Map<ListMethod, Promise<ListItem[] | undefined>>();
  /** Lists that the client got without this server's part. */
  readonly #lacking = new Set<ListMethod>();
  #isLate = false;

  /** `onListed` is called when lists that the client got without this server's part can be read now. */
  constructor(port: Port, server: ConfiguredServer, onListed: (lists: ListCapability[]) => void) {
    this.#port = port;
    this.#server = server;
    this.#onListed = onListed;
  }

  /**
   * The list's items; undefined when the server cannot be asked, or takes too long. Once it has taken too long it is not
   * waited for again, until it has answered: it must not hold up the lists of the others each time.
   */
  async read(method: ListMethod): Promise<ListItem[] | undefined> {
    const known = this.#server.knownList(this.#port, method);
    if (known !== undefined) return itemsIn(Buffer.from(known), method);
    const reading = this.#reading.get(method) ?? this.#start(method);
    const items = await within(reading, this.#isLate ? LATE_SERVER_WAIT_MS : SERVER_WAIT_MS);
    if (items !== LATE && items !== undefined) return items;
    this.#lacking.add(method);
    if (items === LATE && !this.#isLate) {
      this.#isLate = true;
      void reading.then((found) => {
        this.#isLate = false;
        if (found !== undefined) this.announceLacking();
      });
    }
    return undefined;
  }

  /** True if the client got this list without this server's part. */
  lacks(method: ListMethod): boolean {
    return this.#lacking.has(method);
  }

  /** Reports the lists that the client got without this server's part. */
  announceLacking(): void {
    const { capabilities } = this.#server.routerFor(this.#port).process.hello ?? {};
    const lists = [...this.#lacking].map((method) => LISTS[method].capability);
    this.#lacking.clear();
    this.#onListed(lists.filter((list) => capabilities?.[list] !== undefined));
  }

  #start(method: ListMethod): Promise<ListItem[] | undefined> {
    const reading = this.#readAll(method).finally(() => this.#reading.delete(method));
    this.#reading.set(method, reading);
    return reading;
  }

  async #readAll(method: ListMethod): Promise<ListItem[] | undefined> {
    if (this.#port.closed) return undefined;
    const router = this.#server.routerFor(this.#port);
    const hello = await router.ready(READ_BOUND_MS);
    if (hello === undefined || this.#port.closed) return undefined;
    const isOffered = hello.capabilities[LISTS[method].capability] !== undefined;
    const items = isOffered ? await readList(router, this.#port, method, READ_BOUND_MS) : [];
    if (items !== undefined) this.#server.rememberList(method, listResultText(method, items));
    return items;
  }
}

/** How long the client of a list waits for one server, ms: an `npx` download must not hold up the others. */
const SERVER_WAIT_MS = 10_000;

/** The same for a server that has taken longer than that before. */
const LATE_SERVER_WAIT_MS = 50;

/** After this a server's start, or one of its pages, is given up, ms. */
const READ_BOUND_MS = 60_000;
