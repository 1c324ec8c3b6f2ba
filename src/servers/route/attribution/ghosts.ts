import type { Work } from "./attribute.js";
import type { Turn } from "../call-turns.js";
import type { Place } from "../fair-share.js";
import type { Port } from "../port.js";

/**
 * Requests that were given up here, because they were cancelled, took too long or their client has left, while their
 * server may still work on them.
 */
export class Ghosts implements Iterable<Work<Port>> {
  readonly #ghosts = new Map<number, Ghost>();

  [Symbol.iterator](): Iterator<Work<Port>> {
    return this.#ghosts.values();
  }

  /** A request that was sent gets no answer here any more. Its turn and its place end with the work on it, or after 2 s. */
  add({ id, port, method, asksForTask, turn, place }: GivenUp): void {
    const end = (): void => {
      turn?.end();
      place?.end(undefined);
    };
    const timer = turn || place ? setTimeout(end, TURN_MS) : undefined;
    timer?.unref();
    this.#ghosts.set(id, { client: port, method, asksForTask, end, timer, since: performance.now() });
    const [oldest] = this.#ghosts.keys();
    if (this.#ghosts.size > MAX_GHOSTS && oldest !== undefined) this.settle(oldest);
  }

  /** The server has answered the request after all, if it is one of these. */
  settle(id: number): void {
    const ghost = this.#ghosts.get(id);
    if (ghost === undefined) return;
    this.#ghosts.delete(id);
    release(ghost);
  }

  /** True when an answer to one of them could still come. */
  get mayBeAnswered(): boolean {
    const now = performance.now();
    return [...this.#ghosts.values()].some(({ since }) => now - since < ANSWER_MS);
  }

  /** The client has left. */
  forget(port: Port): void {
    for (const ghost of this.#ghosts.values()) if (ghost.client === port) ghost.client = undefined;
  }

  /** The server has ended. */
  clear(): void {
    const ghosts = [...this.#ghosts.values()];
    this.#ghosts.clear();
    for (const ghost of ghosts) release(ghost);
  }
}

/** A request when it is given up. */
export interface GivenUp {
  /** Under which the server knows it. */
  id: number;
  port: Port;
  method: string;
  asksForTask: boolean;
  turn: Turn | undefined;
  place: Place | undefined;
}

interface Ghost extends Work<Port> {
  /** Lets the client's next requests be sent. */
  end: () => void;
  timer: NodeJS.Timeout | undefined;
  /** Of `performance.now()`. */
  since: number;
}

function release({ end, timer }: Ghost): void {
  clearTimeout(timer);
  end();
}

/** MCP asks servers not to answer cancelled requests, so the next call cannot wait for that answer alone, ms. */
const TURN_MS = 2_000;

/** An answer to a cancelled request comes soon or, as MCP asks for, never, ms. */
const ANSWER_MS = 60_000;

/** Bounds the memory for a server that runs for weeks and whose clients cancel a lot. */
const MAX_GHOSTS = 10_000;
