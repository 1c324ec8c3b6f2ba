import type { OpenRequest } from "./open-requests.js";
import type { Turn } from "./call-turns.js";

/**
 * Requests that were given up here, because they were cancelled, took too long or their client has left, while their
 * server may still be working on them.
 */
export class Ghosts {
  readonly #ghosts = new Map<number, Ghost>();

  /** A request that was sent gets no answer here any more. Its turn ends with the work on it, or after 2 s. */
  add({ id, turn }: OpenRequest): void {
    const timer = turn && setTimeout(() => turn.end(), TURN_MS);
    timer?.unref();
    this.#ghosts.set(id, { turn, timer });
  }

  /** The server has answered the request after all. False when it is not among these. */
  settle(id: number): boolean {
    const ghost = this.#ghosts.get(id);
    if (ghost === undefined) return false;
    this.#ghosts.delete(id);
    release(ghost);
    return true;
  }

  /** The server has ended. */
  clear(): void {
    const ghosts = [...this.#ghosts.values()];
    this.#ghosts.clear();
    for (const ghost of ghosts) release(ghost);
  }
}

interface Ghost {
  turn: Turn | undefined;
  timer: NodeJS.Timeout | undefined;
}

function release({ turn, timer }: Ghost): void {
  clearTimeout(timer);
  turn?.end();
}

/** MCP asks servers not to answer cancelled requests, so the next call cannot wait for that answer alone, ms. */
const TURN_MS = 2_000;
