import { ERROR } from "../../wire/control.js";
import { MessageTooLongError } from "../../wire/frames.js";
import { PeerClosedError, RequestTimeoutError } from "../../wire/peer.js";
import { RpcError } from "../../wire/rpc-error.js";

/** A request reached a daemon or a hosted server and its answer was lost. It may have run, so it is not sent again. */
export class OutcomeUnknownError extends Error {}

/**
 * True when the request that failed with `error` certainly never ran. Only then may it be sent again. One that is too long
 * to be sent fails each time.
 *
 * @example
 * ```ts
 * try {
 *   return await peer.request("tools/call", params);
 * } catch (error) {
 *   if (!wasNeverDelivered(error)) throw error;
 *   const next = await ensureDaemon(spec, options);
 *   return await next.peer.request("tools/call", params);
 * }
 * ```
 */
export function wasNeverDelivered(error: unknown): boolean {
  if (error instanceof PeerClosedError) return !error.delivered;
  if (error instanceof RequestTimeoutError) return !error.delivered;
  if (error instanceof MessageTooLongError) return true;
  return error instanceof RpcError && error.code === ERROR.draining && deliveredOf(error) === false;
}

/** True when the daemon ended, or was about to, before it answered. A request that only reads may then be made again. */
export function daemonEnded(error: unknown): boolean {
  return error instanceof PeerClosedError || (error instanceof RpcError && error.code === ERROR.draining);
}

/** The error to show for a request that may have run; any other error is returned as it is. `what` names the request. */
export function asOutcomeUnknown(error: unknown, what: string): unknown {
  const lost = error instanceof PeerClosedError && error.delivered;
  const cutOff = error instanceof RpcError && deliveredOf(error) === true;
  if (!lost && !cutOff) return error;
  return new OutcomeUnknownError(
    `${what}: outcome unknown. It was delivered and the answer was lost (${(error as Error).message}). It is not sent again: check whether it took effect before you repeat it.`,
    { cause: error },
  );
}

function deliveredOf(error: RpcError): unknown {
  return (error.data as { delivered?: unknown } | null | undefined)?.delivered;
}
