import { daemonEnded } from "../../client/follow/delivery.js";
import { Redelivery } from "../../client/follow/redelivery.js";
import type { Peer } from "../../wire/peer.js";
import type { Invocation } from "../invocation.js";
import { openSession } from "./open-session.js";

/**
 * Opens a session, like `openSession`, for `ask`, which changes nothing and is therefore asked again on the next daemon's
 * session when the daemon ends meanwhile, as it does at every restart.
 */
export async function askInSession<T>(
  invocation: Pick<Invocation<"servers">, "dir" | "terminal">,
  server: string | undefined,
  ask: (peer: Peer) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  using redelivery = new Redelivery();
  for (;;) {
    const { peer, identity } = await openSession(invocation, server, signal);
    try {
      return await ask(peer);
    } catch (error) {
      if (!daemonEnded(error) || !(await redelivery.isWorthwhile(error, identity, signal))) throw error;
    } finally {
      peer.close();
    }
  }
}
