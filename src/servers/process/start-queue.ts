import type { OpenRequest } from "../route/open-requests.js";
import type { Port } from "../route/port.js";

/** Requests that wait for their server's start, as they are to be sent. */
export class StartQueue {
  #waiting: { open: OpenRequest; frame: Buffer }[] = [];
  #bytes = 0;
  /** Clients that are not read from meanwhile, since too much waits here already. */
  readonly #held = new Set<Port>();

  add(open: OpenRequest, frame: Buffer): void {
    this.#waiting.push({ open, frame });
    this.#bytes += frame.length;
    if (this.#bytes < MAX_BYTES) return;
    this.#held.add(open.port);
    open.port.client.pause();
  }

  /** Empties the queue; the clients that were held go on. */
  take(): { open: OpenRequest; frame: Buffer }[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    for (const { client } of this.#held) client.resume();
    this.#held.clear();
    return waiting;
  }
}

/** More than this stays in the clients' sockets. */
const MAX_BYTES = 4 * 1024 * 1024;
