import { afterAwake } from "../../wire/awake.js";
import type { Peer } from "../../wire/peer.js";
import { UnresponsiveError } from "../lifecycle-errors.js";
import { durationText } from "../../text/duration.js";

/** A running call ends when no byte, not even a heartbeat, was received for this long, ms of awake time. */
export const STALL_MS = 30_000;

/**
 * Runs `call`, and ends its requests with UnresponsiveError when the daemon sends nothing for STALL_MS. The daemon must
 * have been asked for heartbeats. The clock starts after the handshake and counts awake time, so neither a slow restart
 * nor a slow tool nor a suspended process counts as a stall.
 */
export async function guardStall<T>(
  peer: Pick<Peer, "setHandlers" | "abandon">,
  handlers: Parameters<Peer["setHandlers"]>[0],
  call: () => Promise<T>,
): Promise<T> {
  const timer = afterAwake(STALL_MS, () => {
    peer.abandon(
      new UnresponsiveError(
        `the daemon has sent nothing for ${durationText(STALL_MS)}, not even a heartbeat, while a call was running; its outcome is unknown`,
      ),
    );
  });
  peer.setHandlers({
    ...handlers,
    onActivity: () => {
      timer.restart();
      handlers.onActivity?.();
    },
  });
  try {
    return await call();
  } finally {
    timer.stop();
  }
}
