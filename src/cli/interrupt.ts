import { InterruptedError } from "./exit-code.js";

/**
 * Runs `act` with a signal that aborts at the first ctrl-c, so that it can tell the other side; the second one ends the
 * process at once.
 */
export async function untilInterrupted<T>(act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort(new InterruptedError("interrupted"));
  process.once("SIGINT", onSignal);
  try {
    return await act(interrupt.signal);
  } finally {
    process.off("SIGINT", onSignal);
  }
}
