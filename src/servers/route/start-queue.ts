import type { OpenRequest } from "./open-requests.js";
import type { Port } from "./port.js";

/** Requests that wait until their server has started, in the form in which they will be sent. */
export class StartQueue {
  #waiting: { open: OpenRequest; frame: Buffer }[] = [];
  #bytes = 0;
  /** Clients that are not read meanwhile, since too much waits here already. */
  readonly #held = new Map<Port, () => void>();

  add(open: OpenRequest, frame: Buffer): void {
    this.#waiting.push({ open, frame });
    this.#bytes += frame.length;
    const { port } = open;
    if (this.#bytes >= MAX_BYTES && !this.#held.has(port)) this.#held.set(port, port.hold("its server is starting"));
  }

  /** Empties the queue, and lets its clients be read again. */
  take(): { open: OpenRequest; frame: Buffer }[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    for (const release of this.#held.values()) release();
    this.#held.clear();
    return waiting;
  }
}

/** More than this stays in the clients' sockets. */
const MAX_BYTES = 4 * 1024 * 1024;
