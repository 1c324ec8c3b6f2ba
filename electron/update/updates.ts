import type { UpdateState } from "../model/app-state.js";
import { FIRST_CHECK_MS, untilNextCheck } from "./update-schedule.js";
import type { UpdateSupport } from "./update-support.js";
import type { Updater } from "./updater.js";

export interface Updates {
  readonly state: UpdateState;
  /** Checks for an update and downloads it, or joins a run under way; resolves with the state that it ends in. */
  run(): Promise<UpdateState>;
  /** The version on offer, downloaded or not; undefined if this app is up to date. Rejects with a sentence. */
  check(): Promise<string | undefined>;
  /** Replaces this app, which has to quit then; returns the path of the new one. Throws a sentence if this app stays. */
  install(relaunch: boolean): string;
  /** Calls `listener` with every new state; returns a function that ends it. */
  onChange(listener: (state: UpdateState) => void): () => void;
  /** Runs automatically from some seconds after the start, while `isEnabled` returns true. */
  schedule(isEnabled: () => boolean): void;
  close(): void;
}

/** How often the progress of a download is reported, ms. */
const REPORT_EVERY_MS = 250;

/** The app's own updates: one check or download at a time. */
export function createUpdates(support: UpdateSupport): Updates {
  const listeners = new Set<(state: UpdateState) => void>();
  let state: UpdateState = firstState(support);
  let running: Promise<UpdateState> | undefined;
  let loaded: Updater | undefined;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let isEnabled: (() => boolean) | undefined;

  const setState = (next: UpdateState): UpdateState => {
    state = next;
    for (const listener of listeners) listener(next);
    return next;
  };
  const updater = async (): Promise<Updater> => {
    if (support.is === "off") throw new Error(support.why);
    const { createUpdater } = await import("./updater.js");
    return (loaded ??= createUpdater());
  };
  const checkAndDownload = async (): Promise<UpdateState> => {
    setState({ is: "checking" });
    try {
      const version = await (await updater()).check();
      failures = 0;
      if (version === undefined) return setState({ is: "idle", checkedAt: Date.now() });
      setState({ is: "downloading", version, received: 0, total: undefined });
      let reportedAt = 0;
      await (
        await updater()
      ).download((received, total) => {
        const now = performance.now();
        if (now - reportedAt < REPORT_EVERY_MS && received !== total) return;
        reportedAt = now;
        setState({ is: "downloading", version, received, total });
      });
      return setState({ is: "ready", version });
    } catch (error) {
      failures++;
      return setState({ is: "failed", error: (error as Error).message, nextAt: undefined });
    }
  };
  const run = (): Promise<UpdateState> => {
    // A ready update is installed first; the new app makes the next check.
    if (support.is === "off" || state.is === "ready") return Promise.resolve(state);
    running ??= checkAndDownload().finally(() => {
      running = undefined;
      setTimer(untilNextCheck(failures, Math.random()));
    });
    return running.then(() => state);
  };
  /** Timers do not count sleep, so after a wake the rest of the time has to pass. */
  const setTimer = (ms: number): void => {
    clearTimeout(timer);
    if (!isEnabled || state.is === "ready") return;
    timer = setTimeout(() => {
      if (isEnabled?.()) void run();
      else setTimer(untilNextCheck(0, Math.random()));
    }, ms);
    if (state.is === "failed" && isEnabled()) setState({ ...state, nextAt: Date.now() + ms });
  };
  return {
    get state() {
      return state;
    },
    run,
    check: async () => (state.is === "ready" || state.is === "downloading" ? state.version : (await updater()).check()),
    install: (relaunch) => {
      if (!loaded || state.is !== "ready") throw new Error("no update is ready");
      try {
        return loaded.install(relaunch);
      } catch (error) {
        setState({ is: "failed", error: (error as Error).message, nextAt: undefined });
        throw error;
      }
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    schedule: (whether) => {
      isEnabled = whether;
      if (support.is === "on") setTimer(FIRST_CHECK_MS);
    },
    close: () => clearTimeout(timer),
  };
}

function firstState(support: UpdateSupport): UpdateState {
  return support.is === "off" ? { is: "off", why: support.why } : { is: "idle", checkedAt: undefined };
}
