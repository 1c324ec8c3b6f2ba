import type { ResponseEnvelope } from "../wire/envelope.js";
import type { DaemonFrames } from "./daemon-frames.js";

/** The bridge's own requests to the daemon, beside those of the host. */
export class OwnRequests {
  readonly #open = new Map<string, { daemon: DaemonFrames; take: (answer: ResponseEnvelope | undefined) => void }>();
  #last = 0;

  /** Sends a request; resolves with the answer, or undefined when the daemon has ended. `params`: JSON text. */
  send(daemon: DaemonFrames, method: string, params: string): Promise<ResponseEnvelope | undefined> {
    const idText = JSON.stringify(`lockstep/bridge/${++this.#last}`);
    daemon.send(`{"jsonrpc":"2.0","id":${idText},"method":"${method}","params":${params}}`);
    return new Promise((take) => this.#open.set(idText, { daemon, take }));
  }

  /** True if it answers one of these. */
  take(idText: string, answer: ResponseEnvelope): boolean {
    const open = this.#open.get(idText);
    this.#open.delete(idText);
    open?.take(answer);
    return open !== undefined;
  }

  /** The connection is over. */
  abandon(daemon: DaemonFrames): void {
    for (const [idText, open] of this.#open) {
      if (open.daemon !== daemon) continue;
      this.#open.delete(idText);
      open.take(undefined);
    }
  }
}
