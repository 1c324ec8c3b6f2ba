import type { WindowView } from "../view/window-view.js";
import type { Command } from "./command.js";
import type {
  LogFollowRequest,
  LogLines,
  LogPage,
  LogPageRequest,
  LogSearchRequest,
  LogSearchResult,
} from "./log-messages.js";
import type { Result } from "./result.js";

/**
 * Every message between the main process and its window. Both sides' APIs are derived from it by type, so that neither
 * can differ from it. From `log: { page, follow, lines }` are derived
 *
 *     window.lockstep.log.page(request)       // Promise<Result<LogPage>>, in the window
 *     window.lockstep.log.follow(request)     // no answer
 *     window.lockstep.log.lines(listener)     // returns a function that ends listening
 *     handlers.log.page = (request) => …      // LogPage, or a promise of one, in the main process
 *     handlers.log.follow = (request) => …
 *     parsers.log.page = (raw) => …           // LogPageRequest; throws for any other payload
 *     notify.log.lines(lines)                 // to the window
 *
 * and the names of Electron's channels, "log.page" and so on.
 */
export const ipcSchema = {
  view: {
    get: invoke<undefined, WindowView>(),
    changed: notify<WindowView>(),
    /** A command of the tray menu opens one of the window's pages. */
    navigate: notify<"overview" | "log" | "settings">(),
  },
  command: {
    run: invoke<Command, void>(),
  },
  log: {
    page: invoke<LogPageRequest, LogPage>(),
    search: invoke<LogSearchRequest, LogSearchResult>(),
    follow: send<LogFollowRequest>(),
    lines: notify<LogLines>(),
  },
};

export type IpcSchema = typeof ipcSchema;
export type Group = keyof IpcSchema;
export type Direction = "invoke" | "send" | "notify";

/** Window → main, with an answer: a `Result`, also where the request fails. */
interface Invoke<Arg, Value> {
  direction: "invoke";
  /** For types only; absent at run time. */
  arg?: Arg;
  value?: Value;
}

/** Window → main, without an answer. */
interface Send<Arg> {
  direction: "send";
  arg?: Arg;
}

/** Main → window. */
interface Notify<Arg> {
  direction: "notify";
  arg?: Arg;
}

/** What the window can call: `window.lockstep`. */
export type RendererApi = { [G in Group]: { [M in keyof IpcSchema[G]]: Call<IpcSchema[G][M]> } };

type Call<Message> =
  Message extends Invoke<infer Arg, infer Value>
    ? (...args: Args<Arg>) => Promise<Result<Value>>
    : Message extends Send<infer Arg>
      ? (...args: Args<Arg>) => void
      : Message extends Notify<infer Arg>
        ? (listener: (arg: Arg) => void) => () => void
        : never;

/** What the main process does with each message of the window. An error that a handler throws becomes the answer. */
export type MainHandlers = { [G in Group]: { [M in Incoming<G>]: Handler<IpcSchema[G][M]> } };

type Handler<Message> =
  Message extends Invoke<infer Arg, infer Value>
    ? (...args: Args<Arg>) => Value | Promise<Value>
    : Message extends Send<infer Arg>
      ? (...args: Args<Arg>) => void
      : never;

/** One for each message of the window: returns the payload as it must be, or throws. */
export type PayloadParsers = { [G in Group]: { [M in Incoming<G>]: (raw: unknown) => ArgOf<IpcSchema[G][M]> } };

/** What the main process sends to its window. */
export type Notifier = {
  [G in Group]: { [M in Outgoing<G>]: (arg: Exclude<ArgOf<IpcSchema[G][M]>, undefined>) => void };
};

type Incoming<G extends Group> = Named<G, "invoke" | "send">;
type Outgoing<G extends Group> = Named<G, "notify">;
type Named<G extends Group, D extends Direction> = {
  [M in keyof IpcSchema[G]]: IpcSchema[G][M] extends { direction: D } ? M : never;
}[keyof IpcSchema[G]];

type ArgOf<Message> = Message extends { arg?: infer Arg } ? Arg : never;

/** In brackets, or a union of payloads would become a union of functions. */
type Args<Arg> = [Arg] extends [undefined] ? [] : [arg: Arg];

/** Each message with the name of its channel. */
export function channelsOf(schema: IpcSchema): { group: Group; name: string; channel: string; direction: Direction }[] {
  return Object.entries(schema).flatMap(([group, messages]) =>
    Object.entries<{ direction: Direction }>(messages).map(([name, { direction }]) => {
      return { group: group as Group, name, channel: `${group}.${name}`, direction };
    }),
  );
}

function invoke<Arg, Value>(): Invoke<Arg, Value> {
  return { direction: "invoke" };
}

function send<Arg>(): Send<Arg> {
  return { direction: "send" };
}

function notify<Arg>(): Notify<Arg> {
  return { direction: "notify" };
}
