import { addMatch, connectToSessionBus, type BusConnection } from "../session-bus/connection.js";
import type { BusMessage } from "../session-bus/message.js";
import type { Variant } from "../session-bus/values.js";

/** Whether a panel shows tray icons now. */
export interface TrayHost {
  readonly isThere: () => boolean;
  /** Calls `listener` whenever the answer changes. */
  readonly onChange: (listener: (isThere: boolean) => void) => void;
  readonly close: () => void;
}

const WATCHER = "org.kde.StatusNotifierWatcher";
const WATCHER_PATH = "/StatusNotifierWatcher";
/** A bus or a panel that does not answer within this time counts as missing until it does, ms. */
const ANSWER_WITHIN_MS = 2_000;
/** Before each further attempt to reach the session bus, ms; the last one repeats. */
const AGAIN_AFTER_MS = [1_000, 2_000, 5_000, 10_000, 30_000];

/**
 * Watches whether this desktop shows tray icons: on Linux a program does that owns a name on the session bus, and says
 * whether a panel takes part. Resolves with the first answer, after 2 s at most.
 */
export async function watchTrayHost(env: NodeJS.ProcessEnv): Promise<TrayHost> {
  if (process.platform !== "linux") {
    return { isThere: () => true, onChange: () => undefined, close: () => undefined };
  }
  const watch = new TrayHostWatch(env);
  await watch.firstAnswer();
  return {
    isThere: () => watch.isThere,
    onChange: (listener) => void watch.listeners.push(listener),
    close: () => watch.close(),
  };
}

class TrayHostWatch {
  isThere = false;
  readonly listeners: ((isThere: boolean) => void)[] = [];
  readonly #env: NodeJS.ProcessEnv;
  #closed = false;
  #bus: BusConnection | undefined;
  #again: NodeJS.Timeout | undefined;
  /** Answers to earlier questions than this one are out of date. */
  #question = 0;
  #answered: () => void = () => undefined;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /** Begins to watch. Resolves once something is known, or after 2 s. */
  async firstAnswer(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#answered = resolve;
      setTimeout(resolve, ANSWER_WITHIN_MS).unref();
      void this.#connect(0);
    });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#again);
    this.#bus?.close();
  }

  async #connect(failures: number): Promise<void> {
    let bus: BusConnection;
    try {
      bus = await connectToSessionBus(this.#env, ANSWER_WITHIN_MS);
    } catch {
      return this.#retry(failures);
    }
    if (this.#closed) return bus.close();
    this.#bus = bus;
    bus.onMessage((message) => {
      if (isAboutTrays(message)) void this.#ask(bus);
    });
    void bus.ended.then(() => this.#retry(0));
    try {
      await addMatch(bus, `type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='${WATCHER}'`);
      // A panel that comes or goes while the watcher, a program of its own, stays.
      await addMatch(bus, `type='signal',sender='${WATCHER}',path='${WATCHER_PATH}'`);
      await this.#ask(bus);
    } catch {
      bus.close();
    }
  }

  async #ask(bus: BusConnection): Promise<void> {
    const question = ++this.#question;
    const isThere = await hasHost(bus);
    if (question === this.#question) this.#set(isThere);
  }

  #retry(failures: number): void {
    if (this.#closed) return;
    this.#question++;
    this.#set(false);
    const wait = AGAIN_AFTER_MS[Math.min(failures, AGAIN_AFTER_MS.length - 1)];
    this.#again = setTimeout(() => void this.#connect(failures + 1), wait);
    this.#again.unref();
  }

  #set(isThere: boolean): void {
    this.#answered();
    if (isThere === this.isThere) return;
    this.isThere = isThere;
    for (const listener of this.listeners) listener(isThere);
  }
}

function isAboutTrays({ kind, member, path }: BusMessage): boolean {
  if (kind !== "signal") return false;
  if (member === "NameOwnerChanged") return true;
  // Its other signals are about single icons.
  return path === WATCHER_PATH && /^(StatusNotifierHost(Unr|R)egistered|PropertiesChanged)$/.test(member ?? "");
}

/** False also if no program owns the name, which must not be started for the question. */
async function hasHost(bus: BusConnection): Promise<boolean> {
  try {
    const [value] = await bus.call({
      destination: WATCHER,
      path: WATCHER_PATH,
      face: "org.freedesktop.DBus.Properties",
      member: "Get",
      noAutoStart: true,
      signature: "ss",
      body: [WATCHER, "IsStatusNotifierHostRegistered"],
    });
    return (value as Variant).value === true;
  } catch {
    return false;
  }
}
