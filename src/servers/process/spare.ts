import { GRACE_MS, type Channel, type ChannelEnd, type ChannelHandlers, type OpenChannel } from "../channel/channel.js";

/**
 * Keeps one process started ahead, so that the next session need not wait for a program's start. It is no more than
 * started: `initialize` is left to its taker, since it tells the server what its client can do.
 */
export class Spare {
  readonly #open: OpenChannel;
  #waiting: Waiting | undefined;

  constructor(open: OpenChannel) {
    this.#open = open;
  }

  /** Starts a spare, if none waits. One that fails is left to the next taker's own attempt, which tells why. */
  prepare(): void {
    if (this.#waiting !== undefined) return;
    const waiting: Waiting = { channel: undefined!, handlers: undefined, early: [] };
    this.#waiting = waiting;
    const drop = (): void => {
      if (this.#waiting === waiting) this.#waiting = undefined;
    };
    const forward = (give: (handlers: ChannelHandlers) => void): void => {
      if (waiting.handlers) give(waiting.handlers);
      else if (waiting.early.length < MAX_EARLY) waiting.early.push(give);
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
    for (const give of waiting.early.splice(0)) give(handlers);
    return channel;
  };

  async discard(graceMs = GRACE_MS): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const channel = await waiting?.channel.catch(() => undefined);
    await channel?.stop(graceMs);
  }
}

/** More lines than this before anybody listens are not worth keeping. */
const MAX_EARLY = 1000;

interface Waiting {
  channel: Promise<Channel>;
  handlers: ChannelHandlers | undefined;
  /** What it said before it was taken. */
  early: ((handlers: ChannelHandlers) => void)[];
}
