import { ipcSchema, type Incoming, type MainHandlers, type Notifier } from "./schema.js";
import { payloadParsers } from "./payloads.js";

/** The part of Electron's `ipcMain` that is used here. */
interface IpcReceiver {
  handle(channel: string, listener: (event: IpcEvent, arg: unknown) => unknown): void;
  on(channel: string, listener: (event: IpcEvent, arg: unknown) => void): unknown;
}

interface IpcEvent {
  /** Null when the frame is gone already. */
  readonly senderFrame: SenderFrame | null;
}

export interface SenderFrame {
  readonly url: string;
  readonly parent: unknown;
}

/**
 * Answers the window's channels with `handlers`: only for our own page's main frame, only with a payload that parses.
 * Anything else is refused and told to `onRefused`; an `invoke` is rejected, a `send` has no other effect.
 */
export function serveIpc(
  ipc: IpcReceiver,
  indexUrl: string,
  handlers: MainHandlers,
  onRefused: (channel: Incoming, error: Error) => void,
): void {
  const accept = (channel: Incoming, event: IpcEvent, raw: unknown): unknown => {
    try {
      if (!isTrustedSender(event.senderFrame, indexUrl)) throw new Error("it does not come from the app's own window");
      return payloadParsers[channel](raw);
    } catch (error) {
      onRefused(channel, error as Error);
      throw error;
    }
  };
  for (const channel of Object.keys(payloadParsers) as Incoming[]) {
    // The compiler cannot see that parser and handler are of one channel; the mapped types above make sure of it.
    const handler = handlers[channel] as (arg: unknown) => unknown;
    if (ipcSchema[channel].direction === "invoke") {
      ipc.handle(channel, (event, raw) => handler(accept(channel, event, raw)));
      continue;
    }
    ipc.on(channel, (event, raw) => {
      try {
        handler(accept(channel, event, raw));
      } catch {
        // told to onRefused; a send has nobody to answer to
      }
    });
  }
}

/** Only the main frame of exactly our page: a frame inside it, or a page that it was led to, gets nothing. */
export function isTrustedSender(frame: SenderFrame | null, indexUrl: string): boolean {
  return frame !== null && frame.parent === null && withoutHash(frame.url) === indexUrl;
}

/** Tells `window` things; silent when there is none, or when it is being closed. */
export function notifierFor(
  window: () => { isDestroyed(): boolean; send(channel: string, arg: unknown): void } | undefined,
): Notifier {
  return (channel, arg) => {
    const contents = window();
    if (contents && !contents.isDestroyed()) contents.send(channel, arg);
  };
}

function withoutHash(url: string): string {
  return url.split("#", 1)[0] ?? url;
}
