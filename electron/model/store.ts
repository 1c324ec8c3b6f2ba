import type { AppState } from "./app-state.js";
import type { Effect } from "./effects.js";
import type { AppEvent } from "./events.js";
import { nextTickAt, reduce } from "./reduce.js";

/** The app's one state, changed by events alone. */
export interface Store {
  readonly state: AppState;
  dispatch(event: AppEvent): void;
  /** Calls `listener` after every change, at most once a turn of the event loop; returns a function that ends it. */
  onChange(listener: () => void): () => void;
  close(): void;
}

/** Timers may fire a moment early, and the tick would come before it is due. */
const TIMER_SLACK_MS = 2;
/** Node fires a timer of more than 2^31 ms at once. */
const LONGEST_TIMER_MS = 60 * 60_000;

/** Runs the reducer, performs its effects in order, and dispatches a tick when the state needs one. */
export function createStore(initial: AppState, perform: (effect: Effect) => void): Store {
  const listeners = new Set<() => void>();
  let state = initial;
  let timer: NodeJS.Timeout | undefined;
  let announced = false;
  let closed = false;

  const dispatch = (event: AppEvent): void => {
    if (closed) return;
    const before = state;
    const { state: next, effects } = reduce(state, event, Date.now());
    state = next;
    if (state !== before) announce();
    setTimer();
    for (const effect of effects) perform(effect);
  };
  const announce = (): void => {
    if (announced) return;
    announced = true;
    setImmediate(() => {
      announced = false;
      for (const listener of listeners) listener();
    });
  };
  const setTimer = (): void => {
    clearTimeout(timer);
    const at = nextTickAt(state);
    if (at === undefined) return;
    const ms = Math.min(Math.max(0, at - Date.now()) + TIMER_SLACK_MS, LONGEST_TIMER_MS);
    timer = setTimeout(() => dispatch({ about: "clock", type: "tick" }), ms);
  };
  setTimer();
  return {
    get state() {
      return state;
    },
    dispatch,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
}
