import type { Port } from "../port.js";

/** The clients that have used a process since its start. */
export class ServedClients {
  readonly #clients = new Set<Port>();
  #oneHasLeft = false;

  add(client: Port): void {
    this.#clients.add(client);
  }

  /** The client has left. */
  forget(client: Port): void {
    if (this.#clients.delete(client)) this.#oneHasLeft = true;
  }

  /** The server has ended. */
  clear(): void {
    this.#clients.clear();
    this.#oneHasLeft = false;
  }

  /** All of them, with undefined for those that have left; those that are `connected` while none has used it. */
  *orElse(connected: Iterable<Port>): Iterable<Port | undefined> {
    yield* this.#clients;
    if (this.#oneHasLeft) yield undefined;
    else if (this.#clients.size === 0) yield* connected;
  }
}
