import { setTimeout as delay } from "node:timers/promises";

import type { Post } from "./post.js";

/** When each frame may leave, and how many bytes wait: what a pipe settles by itself. */
export class Outgoing {
  #bytes = 0;
  #onDrain: (() => void)[] = [];
  /** What the next frame has to wait for. */
  #barrier: Promise<unknown> | undefined;
  readonly #requests = new Lane(MAX_REQUESTS);
  /** Other frames never wait for requests: an answer to the server may be what a request waits for. */
  readonly #others = new Lane(MAX_OTHERS);

  /** So much waits that the sender should wait for `onDrain`. */
  get isFull(): boolean {
    return this.#bytes > MAX_WAITING_BYTES;
  }

  /** Calls back once, when there is room again. */
  onDrain(callback: () => void): void {
    if (this.isFull) this.#onDrain.push(callback);
    else process.nextTick(callback);
  }

  /** The channel is over: what waits is released. */
  release(): void {
    for (const callback of this.#onDrain.splice(0)) callback();
    this.#requests.open();
    this.#others.open();
  }

  /** A frame waits until it has been sent. */
  enter({ bytes, sent }: Post): void {
    this.#bytes += bytes;
    void sent.then(() => {
      this.#bytes -= bytes;
      if (!this.isFull) for (const callback of this.#onDrain.splice(0)) callback();
    });
  }

  /** Resolves when the frame may leave. */
  async turn(post: Post): Promise<void> {
    const barrier = this.#barrier;
    if (post.method !== undefined && ORDERED.has(post.method)) this.#barrier = this.#passed(post);
    const isAnswer = post.method === undefined;
    if (barrier !== undefined && !isAnswer) await barrier;
    await (post.isRequest ? this.#requests : this.#others).enter(post);
  }

  /** Frames in requests of their own can overtake one another, and some must not be overtaken. */
  async #passed(post: Post): Promise<void> {
    await Promise.race([post.settled, delay(MAX_ORDER_MS, undefined, { ref: false })]);
  }
}

/** Lets a limited number of frames be under way at once, since each takes a connection. */
class Lane {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #count = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async enter({ settled }: Post): Promise<void> {
    if (this.#count >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#count++;
    void settled.then(() => {
      const next = this.#waiting.shift();
      if (next === undefined) this.#count--;
      else next();
    });
  }

  open(): void {
    for (const next of this.#waiting.splice(0)) next();
  }
}

/** What follows these is meant to find the server as they leave it. */
const ORDERED = new Set([
  "notifications/initialized",
  "logging/setLevel",
  "resources/subscribe",
  "resources/unsubscribe",
]);

const MAX_ORDER_MS = 5_000;

const MAX_REQUESTS = 256;
const MAX_OTHERS = 64;

const MAX_WAITING_BYTES = 8 * 1024 * 1024;
