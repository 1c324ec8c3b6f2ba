import { internalError } from "../../mcp/refusals.js";
import { exactDurationText } from "../../text/duration.js";
import type { ServerAnswer } from "../route/asker.js";
import type { Port } from "../route/port.js";
import type { Router } from "../route/to-server.js";

/**
 * Sends a server a request of Lockstep itself, in the name of a session. Without an answer within `boundMs` the answer is
 * an error. Never rejects.
 */
export function boundedRequest(
  router: Router,
  port: Port,
  method: string,
  params: object,
  boundMs: number,
): Promise<ServerAnswer> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      const refusal = internalError(`no answer to ${method} within ${exactDurationText(boundMs)}`);
      resolve({ ok: false, refusal });
    }, boundMs);
    router.ask(port, method, params, (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}

/** How long a session with all servers waits for one of them, ms: an `npx` download must not hold up the others. */
export const SERVER_WAIT_MS = 10_000;
