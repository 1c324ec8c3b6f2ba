/** What one client has under way, over all servers, so that no client can take the memory that serves all of them. */
export class ClientLoad {
  #requests = 0;
  #bytes = 0;

  /** Why no further request of the client is taken now, as the object of "has"; undefined when there is room. */
  get limit(): string | undefined {
    if (this.#requests >= MAX_REQUESTS) return `${MAX_REQUESTS} requests`;
    return this.#bytes >= MAX_BYTES ? `${MAX_BYTES / 1024 / 1024} MiB of requests` : undefined;
  }

  /** True while a request of the client has no answer yet. */
  get isOpen(): boolean {
    return this.#requests > 0;
  }

  /** Counts a request of so many bytes until the returned function is called, once. */
  enter(bytes: number): () => void {
    this.#requests++;
    this.#bytes += bytes;
    return () => {
      this.#requests--;
      this.#bytes -= bytes;
    };
  }
}

const MAX_REQUESTS = 1_000;
/** A single request may be larger. */
const MAX_BYTES = 32 * 1024 * 1024;
