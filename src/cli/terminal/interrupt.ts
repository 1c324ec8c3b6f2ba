import type { Peer } from "../../wire/peer.js";
import { InterruptedError } from "../exit-code.js";

/**
 * Runs `act`. The first ctrl-c ends it at once with InterruptedError and cancels the peer's requests on the other side;
 * the second one ends the process.
 */
export async function untilInterrupted<T>(peer: Pick<Peer, "abandon">, act: () => Promise<T>): Promise<T> {
  let onSignal = (): void => undefined;
  const interrupted = new Promise<never>((_resolve, reject) => {
    onSignal = () => {
      const error = new InterruptedError("interrupted");
      reject(error);
      peer.abandon(error);
    };
  });
  takeOver("SIGINT", onSignal);
  try {
    return await Promise.race([act(), interrupted]);
  } finally {
    process.off("SIGINT", onSignal);
  }
}

/**
 * Makes ctrl-c end the program with exit code 130, and with an error like every other. Not for a command that has its own
 * listener, or that reads stdin synchronously, since then no listener would run.
 */
export function endOnInterrupt(end: (error: InterruptedError) => never): void {
  takeOver("SIGINT", () => end(new InterruptedError("interrupted")));
}

/** Replaces all listeners. The new one is added before the others are removed, so that no signal is missed. */
function takeOver(signal: NodeJS.Signals, listener: () => void): void {
  const before = process.listeners(signal);
  process.once(signal, listener);
  for (const other of before) process.off(signal, other);
}
