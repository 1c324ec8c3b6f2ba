import { GRACE_MS, type Channel, type ChannelEnd, type ChannelHandlers, type OpenChannel } from "../channel/channel.js";

/**
 * Keeps one process started ahead, so that the next session need not wait for a program's start. It is not initialized
 * yet, since `initialize` holds the capabilities of its client.
 */
export class Spare {
  readonly #open: OpenChannel;
  #waiting: Waiting | undefined;

  constructor(open: OpenChannel) {
    this.#open = open;
  }

  /** Starts a spare, if none is there. A failure is not reported: the next session starts its own, and reports that one's. */
  prepare(): void {
    if (this.#waiting !== undefined) return;
    const waiting: Waiting = { channel: undefined!, handlers: undefined, early: [] };
    this.#waiting = waiting;
    const drop = (): void => {
      if (this.#waiting === waiting) this.#waiting = undefined;
    };
    const forward = (event: (handlers: ChannelHandlers) => void): void => {
      if (waiting.handlers) event(waiting.handlers);
      else if (waiting.early.length < MAX_EARLY) waiting.early.push(event);
    };
    waiting.channel = this.#open({
      onFrame: (raw) => forward((handlers) => handlers.onFrame(raw)),
      onFailed: (frame, reason) => forward((handlers) => handlers.onFailed(frame, reason)),
      onLogLine: (line) => forward((handlers) => handlers.onLogLine(line)),
      onEnd: (end: ChannelEnd) => {
        drop();
        forward((handlers) => handlers.onEnd(end));
      },
    });
    waiting.channel.catch(drop);
  }

  /** Opens a channel: the spare if there is one. */
  readonly take: OpenChannel = async (handlers) => {
    const waiting = this.#waiting;
    if (waiting === undefined) return this.#open(handlers);
    this.#waiting = undefined;
    const channel = await waiting.channel;
    waiting.handlers = handlers;
    for (const event of waiting.early.splice(0)) event(handlers);
    return channel;
  };

  async discard(graceMs = GRACE_MS): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const channel = await waiting?.channel.catch(() => undefined);
    await channel?.stop(graceMs);
  }
}

/** Events of a spare beyond this number are dropped. */
const MAX_EARLY = 1000;

interface Waiting {
  channel: Promise<Channel>;
  handlers: ChannelHandlers | undefined;
  /** Its events before it was taken. */
  early: ((handlers: ChannelHandlers) => void)[];
}
