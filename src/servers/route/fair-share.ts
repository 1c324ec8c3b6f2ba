import type { SentFrame } from "../channel/channel.js";
import type { Port } from "./port.js";

/** A request that takes a place among those of its client. */
export interface Placed {
  port: Port;
  /** Undefined while the process has not got it. */
  sent: SentFrame | undefined;
  place: Place | undefined;
}

export interface FairShareOptions<Request extends Placed> {
  /** Gives the request to the process. */
  write(request: Request, frame: Buffer): void;
  /** True while the request is still to be sent. */
  isOpen(request: Request): boolean;
}

/**
 * Shares one process among its clients. A server works on requests in the order in which it gets them, so a client that
 * sends hundreds at once, or asks for large results, would keep the others waiting for all of them. While others use the
 * server, each client has only a few requests there; the rest waits here, in order. A client that leaves much unread gets
 * nothing more sent.
 */
export class FairShare<Request extends Placed> {
  readonly #options: FairShareOptions<Request>;
  readonly #clients = new Map<Port, Client<Request>>();
  /** The two clients that sent a request last, the latest first, and when. */
  #latest: { port: Port; at: number } | undefined;
  #before: { port: Port; at: number } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FairShareOptions<Request>) {
    this.#options = options;
  }

  /** Sends the request now, or when it is its client's turn. */
  send(request: Request, frame: Buffer): void {
    const { port } = request;
    const now = performance.now();
    if (this.#latest?.port !== port) this.#before = this.#latest;
    this.#latest = { port, at: now };
    const client = this.#clients.get(port) ?? new Client<Request>(now);
    this.#clients.set(port, client);
    client.enqueue(port, request, frame);
    this.#sendNext(port, client);
  }

  /** The session is over. */
  forget(port: Port): void {
    this.#clients.get(port)?.clear();
    this.#clients.delete(port);
  }

  /** Lets go of what waits and of what the process had. */
  clear(): void {
    for (const client of this.#clients.values()) client.clear();
    this.#clients.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #sendNext(port: Port, client: Client<Request>): void {
    if (client.isSending) return; // A request that failed at once: the loop below goes on.
    client.isSending = true;
    while (client.waiting.length > 0 && this.#isTurnOf(port, client)) this.#sendOne(port, client);
    client.isSending = false;
    if (client.waiting.length === 0) return;
    if (isReading(port)) this.#timer ??= this.#lookLater();
    else client.onceItReads(port, () => this.#sendNext(port, client));
  }

  #sendOne(port: Port, client: Client<Request>): void {
    const { request, frame } = client.dequeue();
    if (!this.#options.isOpen(request)) return;
    request.place = new Place((bytes) => {
      client.onEnded(bytes, performance.now());
      if (this.#clients.get(port) === client) this.#sendNext(port, client);
    });
    client.atServer++;
    this.#options.write(request, frame);
    // It was not taken, and is answered or sent again by others.
    if (request.sent === undefined) request.place.end(undefined);
  }

  #isTurnOf(port: Port, client: Client<Request>): boolean {
    return isReading(port) && (client.atServer < client.window || !this.#isContended(port));
  }

  /** True when another client has used the server just now. */
  #isContended(port: Port): boolean {
    const other = this.#latest?.port === port ? this.#before : this.#latest;
    return other !== undefined && performance.now() - other.at < RECENT_MS;
  }

  /** Calls that take long must not keep their client's next ones waiting, so some more are sent when none is answered. */
  #lookLater(): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timer = undefined;
      const now = performance.now();
      for (const [port, client] of this.#clients) {
        if (now - client.answeredAt >= LOOK_MS && isReading(port)) {
          for (let more = FIRST_WINDOW; more > 0 && client.waiting.length > 0; more--) this.#sendOne(port, client);
        }
        this.#sendNext(port, client);
      }
    }, LOOK_MS);
    timer.unref();
    return timer;
  }
}

/** A request's place among those that the process has of its client. */
export class Place {
  #onEnded: ((bytes: number | undefined) => void) | undefined;

  constructor(onEnded: (bytes: number | undefined) => void) {
    this.#onEnded = onEnded;
  }

  /** The server's work on it is over. `bytes`: the length of its answer, if there is one. May be called more than once. */
  end(bytes: number | undefined): void {
    const onEnded = this.#onEnded;
    this.#onEnded = undefined;
    onEnded?.(bytes);
  }
}

function isReading({ client }: Port): boolean {
  return client.bufferedBytes() <= MAX_UNREAD_BYTES;
}

/** One client's share of a process. */
class Client<Request extends Placed> {
  /** In the order of their arrival. */
  readonly waiting: { request: Request; frame: Buffer }[] = [];
  atServer = 0;
  /** How many requests it may have at the server while others use it. */
  window = FIRST_WINDOW;
  /** When an answer came last, or the client began; of `performance.now()`. */
  answeredAt: number;
  isSending = false;
  #waitingBytes = 0;
  #meanBytes: number | undefined;
  #release: (() => void) | undefined;
  #awaitsReading = false;

  constructor(now: number) {
    this.answeredAt = now;
  }

  /** A client is not read while much of it waits: the rest stays in its socket. */
  enqueue(port: Port, request: Request, frame: Buffer): void {
    this.waiting.push({ request, frame });
    this.#waitingBytes += frame.length;
    const isFull = this.waiting.length >= MAX_WAITING || this.#waitingBytes >= MAX_WAITING_BYTES;
    if (isFull) this.#release ??= port.hold("its share of the server is used up");
  }

  dequeue(): { request: Request; frame: Buffer } {
    const next = this.waiting.shift()!;
    this.#waitingBytes -= next.frame.length;
    if (this.waiting.length < MAX_WAITING / 2 && this.#waitingBytes < MAX_WAITING_BYTES / 2) this.#letRead();
    return next;
  }

  onceItReads(port: Port, callback: () => void): void {
    if (this.#awaitsReading) return;
    this.#awaitsReading = true;
    port.client.onDrain(() => {
      this.#awaitsReading = false;
      callback();
    });
  }

  /** The window grows with each answer, up to what keeps the answers on their way small. */
  onEnded(bytes: number | undefined, now: number): void {
    this.atServer--;
    if (bytes === undefined) return;
    this.answeredAt = now;
    this.#meanBytes = this.#meanBytes === undefined ? bytes : (this.#meanBytes * 3 + bytes) / 4;
    const affordable = Math.floor(BYTES_ON_THE_WAY / Math.max(1, this.#meanBytes));
    this.window = Math.max(1, Math.min(this.window * 2, affordable, MAX_WINDOW));
  }

  clear(): void {
    this.waiting.length = 0;
    this.#waitingBytes = 0;
    this.#letRead();
  }

  #letRead(): void {
    this.#release?.();
    this.#release = undefined;
  }
}

/** How many requests of a client the server gets before the first of them is answered. */
const FIRST_WINDOW = 2;
const MAX_WINDOW = 8;
/** The window of a client that gets large answers is smaller. */
const BYTES_ON_THE_WAY = 512 * 1024;

/** A client that leaves more than this unread gets nothing more sent. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/** Others use the server when one of them sent a request within this time, ms. */
const RECENT_MS = 1_000;
const LOOK_MS = 50;

const MAX_WAITING = 256;
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
