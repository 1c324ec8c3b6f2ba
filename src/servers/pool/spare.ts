import {
  GRACE_MS,
  type Channel,
  type ChannelEnd,
  type ChannelHandlers,
  type OpenChannel,
  type OverlongLine,
  type SentFrame,
} from "../channel/channel.js";

/**
 * Keeps one process started ahead, so that the next session need not wait for a program's start. It is not initialized
 * yet, since `initialize` holds the capabilities of its client.
 */
export class Spare {
  readonly #open: OpenChannel;
  #started: { channel: Promise<Channel>; events: HeldEvents } | undefined;

  constructor(open: OpenChannel) {
    this.#open = open;
  }

  /** Starts a spare, if none is there. A failure is not reported: the next session starts its own, and reports that one's. */
  prepare(): void {
    if (this.#started !== undefined) return;
    const drop = (): void => {
      if (this.#started?.events === events) this.#started = undefined;
    };
    const events = new HeldEvents(drop);
    const channel = this.#open(events);
    this.#started = { channel, events };
    channel.catch(drop);
  }

  /** Opens a channel: the spare if there is one. */
  readonly take: OpenChannel = async (handlers) => {
    const started = this.#started;
    if (started === undefined) return this.#open(handlers);
    this.#started = undefined;
    const channel = await started.channel;
    started.events.passTo(handlers);
    return channel;
  };

  /** Ends the spare, if there is one. `graceMs` as in `Channel.stop`. */
  async discard(graceMs = GRACE_MS): Promise<void> {
    const started = this.#started;
    this.#started = undefined;
    const channel = await started?.channel.catch(() => undefined);
    await channel?.stop(graceMs);
  }
}

/** Holds the events of a channel until it has been taken. */
class HeldEvents implements ChannelHandlers {
  readonly #onEnded: () => void;
  readonly #held: ((handlers: ChannelHandlers) => void)[] = [];
  #handlers: ChannelHandlers | undefined;

  constructor(onEnded: () => void) {
    this.#onEnded = onEnded;
  }

  passTo(handlers: ChannelHandlers): void {
    this.#handlers = handlers;
    for (const event of this.#held.splice(0)) event(handlers);
  }

  onFrame(raw: Buffer): void {
    this.#pass((handlers) => handlers.onFrame(raw));
  }

  onOverlong(line: OverlongLine): void {
    this.#pass((handlers) => handlers.onOverlong(line));
  }

  onFailed(frame: SentFrame, reason: string): void {
    this.#pass((handlers) => handlers.onFailed(frame, reason));
  }

  onLogLine(line: string): void {
    this.#pass((handlers) => handlers.onLogLine(line));
  }

  onEnd(end: ChannelEnd): void {
    this.#onEnded();
    this.#pass((handlers) => handlers.onEnd(end));
  }

  #pass(event: (handlers: ChannelHandlers) => void): void {
    if (this.#handlers !== undefined) event(this.#handlers);
    else if (this.#held.length < MAX_HELD) this.#held.push(event);
  }
}

/** Further events of a spare are dropped. */
const MAX_HELD = 1000;
