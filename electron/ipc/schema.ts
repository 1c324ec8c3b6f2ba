import type { Command, CommandResult } from "./command.js";
import type {
  LogFollowRequest,
  LogLines,
  LogPage,
  LogPageRequest,
  LogSearchRequest,
  LogSearchResult,
} from "./log-messages.js";
import type { WindowView } from "../view/window-view.js";

/** Everything that main process and window say to each other. Both sides' APIs are derived from it by type. */
export const ipcSchema = {
  getView: invoke<undefined, WindowView>(),
  viewChanged: notifyRenderer<WindowView>(),
  command: invoke<Command, CommandResult>(),
  /** The menu asked for one of the window's views. */
  navigate: notifyRenderer<"overview" | "log" | "settings">(),
  logPage: invoke<LogPageRequest, LogPage>(),
  logSearch: invoke<LogSearchRequest, LogSearchResult>(),
  logFollow: send<LogFollowRequest>(),
  logLines: notifyRenderer<LogLines>(),
};

export type IpcSchema = typeof ipcSchema;
export type Channel = keyof IpcSchema;

/** Window → main, with an answer. */
interface Invoke<Arg, Ret> {
  direction: "invoke";
  /** Types only: nothing of them exists at run time. */
  arg?: Arg;
  ret?: Ret;
}

/** Window → main, without one. */
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
export type RendererApi = {
  [C in Channel]: IpcSchema[C] extends Invoke<infer Arg, infer Ret>
    ? (...args: Args<Arg>) => Promise<Ret>
    : IpcSchema[C] extends Send<infer Arg>
      ? (...args: Args<Arg>) => void
      : IpcSchema[C] extends Notify<infer Arg>
        ? (listener: (arg: Arg) => void) => () => void
        : never;
};

/** What the main process answers. */
export type MainHandlers = {
  [C in Incoming]: IpcSchema[C] extends Invoke<infer Arg, infer Ret>
    ? (...args: Args<Arg>) => Ret | Promise<Ret>
    : IpcSchema[C] extends Send<infer Arg>
      ? (...args: Args<Arg>) => void
      : never;
};

/** What the main process tells its window. */
export type Notifier = <C extends Outgoing>(channel: C, arg: ArgOf<C>) => void;

/** One for each channel into the main process: the payload as it must be, or an Error. */
export type PayloadParsers = { [C in Incoming]: (raw: unknown) => ArgOf<C> };

export type Incoming = { [C in Channel]: IpcSchema[C] extends { direction: "invoke" | "send" } ? C : never }[Channel];
export type Outgoing = { [C in Channel]: IpcSchema[C] extends { direction: "notify" } ? C : never }[Channel];
export type ArgOf<C extends Channel> = Exclude<IpcSchema[C]["arg"], undefined>;

/** In brackets, or a union of payloads would become a union of functions. */
type Args<Arg> = [Arg] extends [undefined] ? [] : [arg: Arg];

function invoke<Arg, Ret>(): Invoke<Arg, Ret> {
  return { direction: "invoke" };
}

function send<Arg>(): Send<Arg> {
  return { direction: "send" };
}

function notifyRenderer<Arg>(): Notify<Arg> {
  return { direction: "notify" };
}
