import { readEnvelope } from "../../../wire/envelope.js";
import { asObject, parseMessage } from "../../../wire/message.js";
import type { Fate, SentFrame } from "../channel.js";

/** A frame that goes to a remote server in an HTTP request of its own. */
export class Post implements SentFrame {
  /** Of a request or notification. */
  readonly method: string | undefined;
  /** Of a request. */
  readonly id: string | number | undefined;
  readonly bytes: number;
  fate: Fate = "taken";
  roomLeft = true;
  /** What was wrong with a message in its response. */
  problem: string | undefined;
  /** Resolves when nothing more is done about it. */
  readonly settled: Promise<void>;
  /** Ends what is still under way for it. */
  readonly signal: AbortSignal;
  /** Resolves when the kernel has taken it, or it never will. */
  readonly sent: Promise<void>;
  readonly #abort = new AbortController();
  #frame: Buffer | undefined;
  #onSent: () => void = () => undefined;
  #onSettled: () => void = () => undefined;

  constructor(frame: Buffer) {
    const envelope = readEnvelope(frame);
    this.method = envelope.kind === "response" ? undefined : envelope.method;
    this.id = envelope.kind === "request" ? envelope.id : undefined;
    this.bytes = frame.length;
    this.#frame = frame;
    this.signal = this.#abort.signal;
    this.sent = new Promise((resolve) => (this.#onSent = resolve));
    this.settled = new Promise((resolve) => (this.#onSettled = resolve));
  }

  /** The frame. A large one is dropped once it has been sent, so that open requests do not fill the memory. */
  get frame(): Buffer | undefined {
    return this.#frame;
  }

  get isRequest(): boolean {
    return this.id !== undefined;
  }

  /** The ID of the request that this notification cancels. */
  get cancels(): string | number | undefined {
    if (this.method !== "notifications/cancelled" || this.#frame === undefined) return undefined;
    const { requestId } = asObject(parseMessage(this.#frame).params);
    return typeof requestId === "string" || typeof requestId === "number" ? requestId : undefined;
  }

  onSent(): void {
    if (this.bytes > KEPT_BYTES) this.#frame = undefined;
    this.#onSent();
  }

  settle(): void {
    this.#frame = undefined;
    this.#onSent();
    this.#onSettled();
  }

  /** Settles it, and ends its connections. */
  drop(): void {
    this.settle();
    this.#abort.abort();
  }
}

/** Kept until the answer, for a redirect. */
const KEPT_BYTES = 64 * 1024;
