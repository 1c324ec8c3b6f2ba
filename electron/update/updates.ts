import type { UpdateState } from "../model/app-state.js";
import type { Checked, Failure, Updater } from "./feed-updater.js";
import { FIRST_CHECK_MS, leftOf, pauseAfter, type Clocks, type Pause } from "./update-schedule.js";
import type { UpdateSupport } from "./update-support.js";

export interface Updates {
  readonly state: UpdateState;
  /** Checks for an update and downloads it, or joins a round under way; resolves with the state that it ends in. */
  run(): Promise<UpdateState>;
  /** The version on offer, downloaded or not; undefined if this app is up to date. Rejects with a sentence. */
  check(): Promise<string | undefined>;
  /**
   * Replaces this app, which has to quit then; resolves with the path of the new one. Rejects with a sentence if this app
   * stays.
   */
  install(relaunch: boolean): Promise<string>;
  /** Calls `listener` with every new state; returns a function that ends it. */
  onChange(listener: (state: UpdateState) => void): () => void;
  /** Starts, some seconds later, or ends the automatic rounds. */
  setAutomatic(automatic: boolean): void;
  close(): void;
}

/** How often the progress of a download is reported, ms. */
const REPORT_EVERY_MS = 250;
/** A timer can't know of sleep or of a clock that was set, so the pause is looked at so often, ms. */
const LOOK_EVERY_MS = 60_000;
/** The shown time of the next try may be off by as much, ms. */
const SHOWN_WITHIN_MS = 5_000;

/** The app's own updates: one round, which is a check and perhaps a download, at a time. `load` is called at the first. */
export function createUpdates(support: UpdateSupport, load: () => Promise<Updater>): Updates {
  const listeners = new Set<(state: UpdateState) => void>();
  let state: UpdateState = firstState(support);
  let running: Promise<UpdateState> | undefined;
  let installing: Promise<string> | undefined;
  let loaded: Updater | undefined;
  let failures = 0;
  let automatic = false;
  /** Until the next round. None while a round is under way, or while an update waits for the app to quit. */
  let pause: Pause | undefined = support.is === "on" ? { since: clocks(), ms: FIRST_CHECK_MS } : undefined;
  let timer: NodeJS.Timeout | undefined;

  const setState = (next: UpdateState): UpdateState => {
    state = next;
    for (const listener of listeners) listener(next);
    return next;
  };
  const updater = async (): Promise<Updater> => {
    if (support.is === "off") throw new Error(support.why);
    return (loaded ??= await load());
  };
  const ended = (round: { retryAfterMs: number | undefined }): void => {
    pause = { since: clocks(), ms: pauseAfter({ failuresInARow: failures, ...round }, Math.random()) };
  };
  const failed = ({ error, retryAfterMs }: Omit<Failure, "is">): UpdateState => {
    failures++;
    ended({ retryAfterMs });
    return setState({ is: "failed", error, nextAt: automatic ? nextAt() : undefined });
  };
  const nextAt = (): number | undefined => (pause ? Date.now() + leftOf(pause, clocks()) : undefined);

  const round = async (): Promise<UpdateState> => {
    setState({ is: "checking" });
    const own = await updater();
    const checked: Checked = await own.check();
    if (checked.is === "failed") return failed(checked);
    if (checked.is === "offered") {
      const { version } = checked;
      setState({ is: "downloading", version, received: 0, total: undefined });
      let reportedAt = 0;
      const downloaded = await own.download((received, total) => {
        const now = performance.now();
        if (now - reportedAt < REPORT_EVERY_MS && received !== total) return;
        reportedAt = now;
        setState({ is: "downloading", version, received, total });
      });
      if (downloaded.is === "failed") return failed(downloaded);
      failures = 0;
      return setState({ is: "ready", version });
    }
    failures = 0;
    ended({ retryAfterMs: undefined });
    return setState({ is: "idle", checkedAt: Date.now() });
  };
  const run = (): Promise<UpdateState> => {
    // A ready update is installed first; the new app makes the next check.
    if (support.is === "off" || state.is === "ready") return Promise.resolve(state);
    pause = undefined;
    running ??= round()
      .catch((error: unknown) => failed({ error: (error as Error).message, retryAfterMs: undefined }))
      .finally(() => {
        running = undefined;
        look();
      });
    return running;
  };
  /** Begins the next round if it is due, or looks again later. */
  const look = (): void => {
    clearTimeout(timer);
    if (!pause || !automatic) return;
    const left = leftOf(pause, clocks());
    if (left === 0) return void run();
    showNextTry();
    timer = setTimeout(look, Math.min(left, LOOK_EVERY_MS));
  };
  const showNextTry = (): void => {
    if (state.is !== "failed") return;
    const next = automatic ? nextAt() : undefined;
    const isShown = next === state.nextAt || Math.abs((next ?? NaN) - (state.nextAt ?? NaN)) < SHOWN_WITHIN_MS;
    if (!isShown) setState({ ...state, nextAt: next });
  };
  return {
    get state() {
      return state;
    },
    run,
    check: async () => {
      if (state.is === "ready" || state.is === "downloading") return state.version;
      const checked = await (await updater()).check();
      if (checked.is === "failed") throw new Error(checked.error);
      return checked.is === "offered" ? checked.version : undefined;
    },
    install: (relaunch) => {
      if (!loaded || state.is !== "ready") return Promise.reject(new Error("no update is ready"));
      // The app may be asked once more before it has quit.
      installing ??= loaded.install(relaunch).catch((error: unknown) => {
        installing = undefined;
        failed({ error: (error as Error).message, retryAfterMs: undefined });
        look();
        throw error;
      });
      return installing;
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setAutomatic: (whether) => {
      if (automatic === whether) return;
      automatic = whether;
      showNextTry();
      look();
    },
    close: () => clearTimeout(timer),
  };
}

function clocks(): Clocks {
  return { wall: Date.now(), awake: performance.now() };
}

function firstState(support: UpdateSupport): UpdateState {
  return support.is === "off" ? { is: "off", why: support.why } : { is: "idle", checkedAt: undefined };
}
