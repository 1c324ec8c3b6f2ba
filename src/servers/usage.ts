/** How much a configured server has been used since the daemon's start, over all its processes. */
export class Usage {
  #calls = 0;
  #errors = 0;
  /** Epoch milliseconds. */
  #lastUsedAt: number | undefined;

  /** A request has come, whether or not it can be sent. */
  onRequest(): void {
    this.#lastUsedAt = Date.now();
  }

  /** A client's request was sent. */
  onSent(): void {
    this.#calls++;
  }

  /** A request was answered with an error, the server's or ours. */
  onError(): void {
    this.#errors++;
  }

  status(): { calls: number; errors: number; lastUsedAt: string | null } {
    const lastUsedAt = this.#lastUsedAt === undefined ? null : new Date(this.#lastUsedAt).toISOString();
    return { calls: this.#calls, errors: this.#errors, lastUsedAt };
  }
}
