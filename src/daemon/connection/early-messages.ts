import type { Envelope } from "../../wire/envelope.js";
import { MAX_UNREAD_BYTES } from "./own-messages.js";

/** What a client sends before the answer to its `initialize`, as a shell does that writes all its requests at once. */
export class EarlyMessages {
  #messages: Envelope[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  /** Keeps a message until `take`. False when there is no room for it. */
  keep(message: Envelope): boolean {
    if (this.#messages.length >= MAX_MESSAGES || this.#bytes >= MAX_UNREAD_BYTES) return false;
    this.#messages.push(message);
    this.#bytes += message.raw.length;
    return true;
  }

  /** Gives them back, in their order. */
  take(): Envelope[] {
    const messages = this.#messages;
    this.#messages = [];
    this.#bytes = 0;
    return messages;
  }
}

const MAX_MESSAGES = 100;
