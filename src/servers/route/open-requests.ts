import type { RequestEnvelope, ResponseEnvelope } from "../../wire/envelope.js";
import { isSubscription } from "../../mcp/era.js";
import { toolOf } from "../../mcp/params.js";
import type { Refusal } from "../../mcp/refusals.js";
import type { InFlight } from "../in-flight.js";
import type { Port } from "./port.js";

/** A request that waits for its answer; who made it gets the answer, mapped back. */
export interface OpenRequest {
  /** Our own id, under which the server knows it. */
  id: number;
  port: Port;
  /** The client's id as JSON text. */
  idText: string;
  method: string;
  /** The client's progress token as JSON text. */
  progressText: string | undefined;
  /** The number of the frame that carried it to the server; 0: it was not sent yet. */
  frame: number;
  /** Of `performance.now()`. */
  deadline: number;
  /** As it came; of large ones only until they are sent. */
  request: RequestEnvelope | undefined;
  /** Takes the answer instead of the port: for requests that Lockstep makes itself. */
  own: OwnAnswer | undefined;
  /** Ends its counting as in flight. */
  leave: (() => void) | undefined;
}

/** A frame of the server, or why there is none. */
export type OwnAnswer = (answer: ResponseEnvelope | Refusal) => void;

/** What is open, for drain and diagnostics. */
export interface OpenCall {
  method: string;
  /** The tool of a `tools/call`. */
  tool: string | undefined;
  delivered: boolean;
}

/** The open requests of one router, with their deadlines. */
export class OpenRequests implements Iterable<OpenRequest> {
  readonly #inFlight: InFlight;
  readonly #onExpired: (open: OpenRequest) => void;
  /** In the order of their arrival, which, with one timeout for all, is that of their deadlines. */
  readonly #requests = new Map<number, OpenRequest>();
  #timer: NodeJS.Timeout | undefined;
  readonly #onClosed: () => void;

  /** `onClosed` is called after each that is closed, `onExpired` for each that is open at its deadline. */
  constructor(inFlight: InFlight, onExpired: (open: OpenRequest) => void, onClosed: () => void) {
    this.#inFlight = inFlight;
    this.#onExpired = onExpired;
    this.#onClosed = onClosed;
  }

  get size(): number {
    return this.#requests.size;
  }

  /** A copy, so that those who get an answer may ask again at once. */
  [Symbol.iterator](): Iterator<OpenRequest> {
    return [...this.#requests.values()].values();
  }

  get(id: number): OpenRequest | undefined {
    return this.#requests.get(id);
  }

  add(open: OpenRequest): void {
    this.#requests.set(open.id, open);
    if (!isSubscription(open.method)) open.leave = this.#inFlight.enter();
    this.#arm();
  }

  close(open: OpenRequest): void {
    if (!this.#requests.delete(open.id)) return;
    open.leave?.();
    this.#onClosed();
  }

  /** A client's request by the client's own id. */
  find(port: Port, idText: string): OpenRequest | undefined {
    for (const open of this.#requests.values()) {
      if (open.port === port && open.idText === idText && open.own === undefined) return open;
    }
    return undefined;
  }

  ofPort(port: Port): OpenRequest[] {
    return [...this].filter((open) => open.port === port);
  }

  ports(): Set<Port> {
    const ports = new Set<Port>();
    for (const { port } of this.#requests.values()) ports.add(port);
    return ports;
  }

  /** True while one is open that will end by itself. */
  isBusy(): boolean {
    for (const { method } of this.#requests.values()) if (!isSubscription(method)) return true;
    return false;
  }

  calls(): OpenCall[] {
    return [...this]
      .filter(({ method }) => !isSubscription(method))
      .map((open) => ({ method: open.method, tool: open.request && toolOf(open.request), delivered: open.frame > 0 }));
  }

  /** One timer for all: the first deadline's. */
  #arm(): void {
    if (this.#timer !== undefined) return;
    const next = this.#firstDeadline();
    if (next === Infinity) return;
    const waitMs = Math.min(Math.max(0, next - performance.now()), MAX_TIMER_MS);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const now = performance.now();
      for (const open of this) if (open.deadline <= now) this.#onExpired(open);
      this.#arm();
    }, waitMs);
    this.#timer.unref();
  }

  #firstDeadline(): number {
    for (const { deadline } of this.#requests.values()) if (deadline !== Infinity) return deadline;
    return Infinity;
  }
}

/** What setTimeout can hold; longer waits are taken in several steps. */
export const MAX_TIMER_MS = 2 ** 31 - 1;
