import type { Peer } from "../wire/peer.js";
import { InterruptedError } from "./exit-code.js";

/** Runs `act`; the first ctrl-c ends the peer's requests and tells the other side, the second one ends the process. */
export async function untilInterrupted<T>(peer: Pick<Peer, "abandon">, act: () => Promise<T>): Promise<T> {
  const onSignal = (): void => peer.abandon(new InterruptedError("interrupted"));
  process.once("SIGINT", onSignal);
  try {
    return await act();
  } finally {
    process.off("SIGINT", onSignal);
  }
}
