import { NOTIFICATION, type Draining } from "../../wire/control.js";
import type { OwnMessages } from "./own-messages.js";

/** Announces the daemon's end to one client. */
export class Farewell {
  readonly #messages: OwnMessages;
  #heard: () => void = () => undefined;

  constructor(messages: OwnMessages) {
    this.#messages = messages;
  }

  /**
   * Sends `draining`. Resolves when the client has heard it, which shows in its answer to a ping: everything that it sent
   * before has been read by then, and was refused if it came too late. Resolves at once if `answersPings` is false, or
   * if the client does not read.
   */
  async say(draining: Draining, answersPings: boolean): Promise<void> {
    this.#messages.notify(NOTIFICATION.draining, draining);
    if (!answersPings || !this.#messages.areRead) return;
    const heard = new Promise<void>((resolve) => (this.#heard = resolve));
    this.#messages.request(PING_ID, "ping");
    await heard;
  }

  /** True if `id` is that of the ping, whose response has come. */
  takeResponse(id: unknown): boolean {
    if (id !== PING_ID) return false;
    this.#heard();
    return true;
  }

  /** The connection has ended, so no answer will come. */
  giveUp(): void {
    this.#heard();
  }
}

/** Hosted servers' requests are numbered, so none of them has this id. */
const PING_ID = "lockstep/farewell";
