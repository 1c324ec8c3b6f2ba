import { payloadParsers } from "./payloads.js";
import { resultOf, type Result } from "./result.js";
import { channelsOf, ipcSchema, type MainHandlers, type Notifier } from "./schema.js";

/** The part of Electron's `ipcMain` that is used here. */
interface IpcReceiver {
  handle(channel: string, listener: (event: IpcEvent, arg: unknown) => Promise<Result<unknown>>): void;
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
 * Answers the window's messages with `handlers`: only those of our own page's main frame, and only with a payload that
 * parses. Anything else is refused and reported to `onRefused`; a refused `invoke` is answered with the error.
 */
export function serveIpc(
  ipc: IpcReceiver,
  indexUrl: string,
  handlers: MainHandlers,
  onRefused: (channel: string, error: Error) => void,
): void {
  for (const { group, name, channel, direction } of channelsOf(ipcSchema)) {
    if (direction === "notify") continue;
    const parse = byName(payloadParsers[group], name);
    const handle = byName(handlers[group], name);
    const accept = (event: IpcEvent, raw: unknown): unknown => {
      try {
        if (!isTrustedSender(event.senderFrame, indexUrl)) throw new Error("it does not come from the app's window");
        return parse(raw);
      } catch (error) {
        onRefused(channel, error as Error);
        throw error;
      }
    };
    if (direction === "invoke") {
      ipc.handle(channel, (event, raw) => resultOf(() => handle(accept(event, raw))));
      continue;
    }
    ipc.on(channel, (event, raw) => {
      try {
        handle(accept(event, raw));
      } catch {
        // Already reported to onRefused; `send` has no reply.
      }
    });
  }
}

/** True for the main frame of exactly our page; a frame inside it, or a page that it navigated to, is refused. */
export function isTrustedSender(frame: SenderFrame | null, indexUrl: string): boolean {
  return frame !== null && frame.parent === null && withoutHash(frame.url) === indexUrl;
}

/** Sends to `window`; does nothing while there is no window, or while it is being closed. */
export function notifierFor(
  window: () => { isDestroyed(): boolean; send(channel: string, arg: unknown): void } | undefined,
): Notifier {
  const send =
    (channel: string) =>
    (arg: unknown): void => {
      const contents = window();
      if (contents && !contents.isDestroyed()) contents.send(channel, arg);
    };
  return {
    view: { changed: send("view.changed"), navigate: send("view.navigate") },
    command: {},
    log: { lines: send("log.lines") },
  };
}

/** The compiler cannot see that parser and handler are of one message; the types that are derived from the schema say so. */
function byName(functions: object, name: string): (arg: unknown) => unknown {
  return (functions as Record<string, (arg: unknown) => unknown>)[name] as (arg: unknown) => unknown;
}

function withoutHash(url: string): string {
  return url.split("#", 1)[0] ?? url;
}
