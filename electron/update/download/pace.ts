import { SlowServerError } from "../update-problem.js";

/** In every such span of time, ms, … */
const SPAN_MS = 60_000;
/** … so many bytes have to arrive, or the answer to end: at a slower pace an update takes more than a day. */
const LEAST_BYTES = 64 * 1024;

/** Watches one answer of a server. */
export interface Pace {
  /** Aborts with a SlowServerError as its reason. */
  signal: AbortSignal;
  heard(bytes: number): void;
  stop(): void;
}

/** Timers count awake time on Linux; on macOS a connection does not survive sleep anyway. */
export function watchPace(): Pace {
  const controller = new AbortController();
  let received = 0;
  const timer = setInterval(() => {
    if (received < LEAST_BYTES) controller.abort(new SlowServerError(received, SPAN_MS));
    received = 0;
  }, SPAN_MS);
  return {
    signal: controller.signal,
    heard: (bytes) => (received += bytes),
    stop: () => clearInterval(timer),
  };
}
