import type { UpdateState } from "../model/app-state.js";
import { FIRST_CHECK_MS, untilNextCheck } from "./update-schedule.js";
import type { UpdateSupport } from "./update-support.js";
import type { Updater } from "./updater.js";

export interface Updates {
  readonly state: UpdateState;
  /** Looks for an update and downloads it, or waits for whoever is at it; what comes of it is told as a state. */
  run(): Promise<UpdateState>;
  /** The version on offer, downloaded or not. Rejects with a sentence. */
  look(): Promise<string | undefined>;
  /**
   * Replaces this app, which has to quit then, and returns where the new one is; this one stays, and that is thrown,
   * where it cannot be done.
   */
  install(relaunch: boolean): string;
  /** Called with every state from now on; returns how to end that. */
  onChange(listener: (state: UpdateState) => void): () => void;
  /** Goes on by itself from some seconds after the start, as long as `wanted` says so. */
  schedule(wanted: () => boolean): void;
  close(): void;
}

/** How often a download's progress is told, ms. */
const TELL_EVERY_MS = 250;

/** The app's own updates: one look, one download at a time. */
export function createUpdates(support: UpdateSupport): Updates {
  const listeners = new Set<(state: UpdateState) => void>();
  let state: UpdateState = firstState(support);
  let running: Promise<UpdateState> | undefined;
  let loaded: Updater | undefined;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let wanted: (() => boolean) | undefined;

  const tell = (next: UpdateState): UpdateState => {
    state = next;
    for (const listener of listeners) listener(next);
    return next;
  };
  const updater = async (): Promise<Updater> => {
    if (support.is === "off") throw new Error(support.why);
    const { createUpdater } = await import("./updater.js");
    return (loaded ??= createUpdater());
  };
  const lookAndDownload = async (): Promise<UpdateState> => {
    tell({ is: "checking" });
    try {
      const version = await (await updater()).look();
      failures = 0;
      if (version === undefined) return tell({ is: "idle", checkedAt: Date.now() });
      tell({ is: "downloading", version, received: 0, total: undefined });
      let toldAt = 0;
      await (
        await updater()
      ).download((received, total) => {
        const now = performance.now();
        if (now - toldAt < TELL_EVERY_MS && received !== total) return;
        toldAt = now;
        tell({ is: "downloading", version, received, total });
      });
      return tell({ is: "ready", version });
    } catch (error) {
      failures++;
      return tell({ is: "failed", error: (error as Error).message, nextAt: undefined });
    }
  };
  const run = (): Promise<UpdateState> => {
    // What is ready stays ready: the next look is the new app's.
    if (support.is === "off" || state.is === "ready") return Promise.resolve(state);
    running ??= lookAndDownload().finally(() => {
      running = undefined;
      setTimer(untilNextCheck(failures, Math.random()));
    });
    return running.then(() => state);
  };
  /** A timer does not count the time that the machine sleeps: it looks when it is awake, and some time after it woke. */
  const setTimer = (ms: number): void => {
    clearTimeout(timer);
    if (!wanted || state.is === "ready") return;
    timer = setTimeout(() => {
      if (wanted?.()) void run();
      else setTimer(untilNextCheck(0, Math.random()));
    }, ms);
    if (state.is === "failed" && wanted()) tell({ ...state, nextAt: Date.now() + ms });
  };
  return {
    get state() {
      return state;
    },
    run,
    look: async () => (state.is === "ready" || state.is === "downloading" ? state.version : (await updater()).look()),
    install: (relaunch) => {
      if (!loaded || state.is !== "ready") throw new Error("no update is ready");
      try {
        return loaded.install(relaunch);
      } catch (error) {
        tell({ is: "failed", error: (error as Error).message, nextAt: undefined });
        throw error;
      }
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    schedule: (whether) => {
      wanted = whether;
      if (support.is === "on") setTimer(FIRST_CHECK_MS);
    },
    close: () => clearTimeout(timer),
  };
}

function firstState(support: UpdateSupport): UpdateState {
  return support.is === "off" ? { is: "off", why: support.why } : { is: "idle", checkedAt: undefined };
}
