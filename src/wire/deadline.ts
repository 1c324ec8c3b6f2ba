import { afterAwake } from "./awake.js";

/** A named wait has lasted as long as it may. */
export class DeadlineError extends Error {}

/** The bound of a wait. `using` it stops its timer at the end of the block. */
export interface Deadline extends Disposable {
  /** Is the time up? */
  readonly passed: boolean;
  /** Aborts with `error` when the time is up, or with the caller's reason when the caller's signal aborts. */
  readonly signal: AbortSignal;
  /** "gave up after 90 s while waiting for …" */
  readonly error: DeadlineError;
  /** The wait begins anew. */
  restart(): void;
  /** Resolves after `ms`, or sooner when the time is up. Rejects with the caller's reason. */
  pause(ms: number): Promise<void>;
}

/**
 * Bounds one wait, or several that share a bound, by `ms` of awake time (see `afterAwake`) and by the caller's
 * `signal`. `name` says what is waited for, as the object of "waiting for".
 */
export function deadline(name: string, ms: number, signal?: AbortSignal): Deadline {
  const error = new DeadlineError(`gave up after ${ms / 1000} s while waiting for ${name}`);
  const end = new AbortController();
  const timer = afterAwake(ms, () => end.abort(error));
  const onAbort = (): void => end.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort);
  return {
    error,
    signal: end.signal,
    get passed() {
      return end.signal.reason === error;
    },
    restart: () => timer.restart(),
    pause: (pauseMs) =>
      new Promise((resolve, reject) => {
        const done = (): void => {
          clearTimeout(pause);
          end.signal.removeEventListener("abort", done);
          if (signal?.aborted) reject(signal.reason as Error);
          else resolve();
        };
        const pause = setTimeout(done, pauseMs);
        end.signal.addEventListener("abort", done);
        if (end.signal.aborted) done();
      }),
    [Symbol.dispose]: () => {
      timer.stop();
      signal?.removeEventListener("abort", onAbort);
    },
  };
}
