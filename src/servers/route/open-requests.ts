import { toolOf } from "../../mcp/params.js";
import { isSubscription, type Era } from "../../mcp/era.js";
import type { SentFrame } from "../channel/channel.js";
import type { InFlight } from "../in-flight.js";
import { MAX_TIMER_MS } from "../process/idle-timer.js";
import type { Asker } from "./asker.js";
import type { Turn } from "./call-turns.js";
import type { Place } from "./fair-share.js";
import { Ghosts } from "./attribution/ghosts.js";
import type { Port } from "./port.js";

/** A request to a hosted server that has no answer yet. */
export interface OpenRequest {
  /** Our own id, under which the server knows it. */
  id: number;
  /** The session that it belongs to. */
  port: Port;
  method: string;
  /** Of the request; its server's may be the other one. */
  era: Era;
  asker: Asker;
  /** It asks for a task in place of its result. */
  asksForTask: boolean;
  /** Takes back what the request has set, since it failed or was given up. */
  undo: (() => void) | undefined;
  /** The frame that carried it to the server; undefined while it has not been sent. */
  sent: SentFrame | undefined;
  /** Its turn, if the server runs a limited number of calls at once. */
  turn: Turn | undefined;
  /** Its place among those that the server has of its client, if several clients share the server. */
  place: Place | undefined;
  /** Of `performance.now()`; Infinity: none. */
  deadline: number;
  /** The deadline was put off by progress. */
  hasProgressed: boolean;
}

/** True when the request has, or may have, reached its server. */
export function isDelivered({ sent }: OpenRequest): boolean {
  return sent !== undefined && sent.fate !== "failed-before";
}

/** What is open, for the drain and for diagnostics. */
export interface OpenCall {
  method: string;
  /** The tool of a `tools/call`. */
  tool: string | undefined;
  delivered: boolean;
}

export interface OpenRequestsEvents {
  /** The request is still open at its deadline. */
  onExpired(open: OpenRequest): void;
  onClosed(): void;
}

/** The open requests of one process, with their deadlines. */
export class OpenRequests implements Iterable<OpenRequest> {
  /** What was given up, while the server may still work on it. */
  readonly ghosts = new Ghosts();
  readonly #inFlight: InFlight;
  readonly #events: OpenRequestsEvents;
  /** In the order of their arrival. `leave` ends the counting as in flight. */
  readonly #requests = new Map<number, { open: OpenRequest; leave: () => void }>();
  /** Requests of our own whose answers do not matter. */
  readonly #ignored = new Set<number>();
  #timer: { due: number; handle: NodeJS.Timeout } | undefined;
  #onQuiet: (() => void)[] = [];

  constructor(inFlight: InFlight, events: OpenRequestsEvents) {
    this.#inFlight = inFlight;
    this.#events = events;
  }

  get size(): number {
    return this.#requests.size;
  }

  /** A copy, so that receivers of an answer may send the next request at once. */
  [Symbol.iterator](): Iterator<OpenRequest> {
    return [...this.#requests.values()].map(({ open }) => open).values();
  }

  get(id: number): OpenRequest | undefined {
    return this.#requests.get(id)?.open;
  }

  /** `bytes`: the size of its frame. */
  add(open: OpenRequest, bytes: number): void {
    const land = isSubscription(open.method) ? NOT_COUNTED : this.#inFlight.enter();
    const unload = open.port.load.enter(bytes);
    const leave = (): void => {
      unload();
      land();
    };
    this.#requests.set(open.id, { open, leave });
  }

  /** Begins a request's time limit, ms; it replaces an earlier one. */
  limit(open: OpenRequest, ms: number): void {
    open.deadline = performance.now() + ms;
    this.#arm(open.deadline);
  }

  /** Forgets a request that the server does not work on: answered (by so many bytes), not sent, or lost. */
  close(open: OpenRequest, answerBytes?: number): void {
    this.#remove(open);
    open.turn?.end();
    open.place?.end(answerBytes);
  }

  /** Forgets a request that the server may go on working on. True when the server has it. */
  giveUp(open: OpenRequest): boolean {
    if (open.sent === undefined) {
      this.close(open);
      return false;
    }
    this.#remove(open);
    this.ghosts.add(open);
    return true;
  }

  /** Takes calls out of the line, so that the end of one of them does not start another. */
  stopWaiting(which: (open: OpenRequest) => boolean = () => true): void {
    for (const open of this) if (open.turn?.isWaiting === true && which(open)) open.turn.end();
  }

  /** Expects an answer to a request of our own, and ignores it. */
  ignore(id: number): void {
    this.#ignored.add(id);
  }

  /** The open request that an answer belongs to. Without an id it is found only if it can be no other one. */
  answeredBy(id: unknown): OpenRequest | undefined {
    if (id === undefined || id === null) return this.#onlyOne();
    const open = this.#requests.get(Number(id))?.open;
    if (open === undefined && !this.#ignored.delete(Number(id))) this.ghosts.settle(Number(id));
    return open;
  }

  /** The process has ended, so what it was given and what was given up is over. */
  onEnded(): void {
    this.#ignored.clear();
    this.ghosts.clear();
  }

  /** A client's request by the client's own id. */
  find(port: Port, idText: string): OpenRequest | undefined {
    for (const { open } of this.#requests.values()) {
      if (open.port === port && open.asker.kind === "client" && open.asker.idText === idText) return open;
    }
    return undefined;
  }

  /** The open request that this frame carried to the server. */
  carriedBy(sent: SentFrame): OpenRequest | undefined {
    for (const { open } of this.#requests.values()) if (open.sent === sent) return open;
    return undefined;
  }

  ofPort(port: Port): OpenRequest[] {
    return [...this].filter((open) => open.port === port);
  }

  /** What the server has. */
  *sent(): Iterable<OpenRequest> {
    for (const { open } of this.#requests.values()) if (isDelivered(open)) yield open;
  }

  /** Resolves when only subscriptions are open, which stay open on purpose; after `boundMs` at the latest. */
  async quiet(boundMs: number): Promise<void> {
    if (this.#isQuiet()) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, boundMs);
      this.#onQuiet.push(resolve);
    });
    clearTimeout(timer);
  }

  calls(): OpenCall[] {
    return [...this]
      .filter(({ method }) => !isSubscription(method))
      .map((open) => {
        const { method, asker } = open;
        const request = asker.kind === "client" ? asker.request : undefined;
        return { method, tool: request && toolOf(request), delivered: isDelivered(open) };
      });
  }

  #remove({ id }: OpenRequest): void {
    const closed = this.#requests.get(id);
    if (closed === undefined) return;
    this.#requests.delete(id);
    closed.leave();
    this.#events.onClosed();
    if (this.#onQuiet.length > 0 && this.#isQuiet()) for (const resolve of this.#onQuiet.splice(0)) resolve();
  }

  #onlyOne(): OpenRequest | undefined {
    const [first, second] = this.sent();
    return second !== undefined || this.#ignored.size > 0 || this.ghosts.mayBeAnswered ? undefined : first;
  }

  #isQuiet(): boolean {
    for (const { open } of this.#requests.values()) if (!isSubscription(open.method)) return false;
    return true;
  }

  /** One timer for all, for the first deadline. Deadlines that were put off are found when it fires. */
  #arm(due: number): void {
    if (due === Infinity || (this.#timer !== undefined && this.#timer.due <= due)) return;
    clearTimeout(this.#timer?.handle);
    const waitMs = Math.min(Math.max(0, due - performance.now()), MAX_TIMER_MS);
    const handle = setTimeout(() => this.#onTimer(), waitMs);
    handle.unref();
    this.#timer = { due, handle };
  }

  #onTimer(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const open of this) if (open.deadline <= now) this.#events.onExpired(open);
    let next = Infinity;
    for (const { open } of this.#requests.values()) next = Math.min(next, open.deadline);
    this.#arm(next);
  }
}

const NOT_COUNTED = (): void => undefined;
