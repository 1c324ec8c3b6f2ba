import { readerHungUp } from "../../state/platform/libc.js";

export interface LastAnswersOptions {
  /** The descriptor of the connection's socket. */
  descriptor: number | undefined;
  /** True while the client waits for an answer, or has not taken what was sent. */
  isOwed(): boolean;
  /** The client has everything, or is gone: the connection should end. */
  onOver(): void;
}

/**
 * Keeps the connection of a client that has sent everything, and still reads: `nc -N` ends its output with its input, and
 * then waits for the answers. A client that is gone altogether ends its output, too, and is told apart by poll(2).
 */
export class LastAnswers {
  readonly #options: LastAnswersOptions;
  readonly #timer: NodeJS.Timeout;
  #isCheckDue = false;

  private constructor(options: LastAnswersOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#check(), LOOK_MS);
  }

  /** Undefined when no answer is due, or when the client is gone already. */
  static of(options: LastAnswersOptions): LastAnswers | undefined {
    return options.isOwed() && !isGone(options.descriptor) ? new LastAnswers(options) : undefined;
  }

  /** Something was answered. What is sent in this turn of the event loop has been written in the next one. */
  onAnswered(): void {
    if (this.#isCheckDue) return;
    this.#isCheckDue = true;
    setImmediate(() => {
      this.#isCheckDue = false;
      if (!this.#options.isOwed()) this.#options.onOver();
    });
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    if (!this.#options.isOwed() || isGone(this.#options.descriptor)) this.#options.onOver();
  }
}

/** How often it is checked whether the client is gone, ms: a server may be working in vain. */
const LOOK_MS = 500;

/** Where it cannot be found out, an ended output counts as the end of the client. */
function isGone(descriptor: number | undefined): boolean {
  try {
    return descriptor === undefined || readerHungUp(descriptor);
  } catch {
    return true;
  }
}
