import { internalError } from "../../mcp/refusals.js";
import { exactDurationText } from "../../text/duration.js";
import type { ServerAnswer } from "../route/asker.js";
import type { Port } from "../route/port.js";
import type { Router } from "../route/to-server.js";

/**
 * Sends a server a request of Lockstep itself, in the name of a session. Without an answer within `boundMs` it is
 * cancelled, and the answer is an error. Never rejects.
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
      cancel();
      const refusal = internalError(`no answer to ${method} within ${exactDurationText(boundMs)}`);
      resolve({ ok: false, refusal });
    }, boundMs);
    timer.unref();
    const cancel = router.ask(port, method, params, (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}

/** What came in place of a promise's value that was not there in time. */
export const LATE = Symbol("late");

/** The promise's value if it is there within `boundMs`. */
export async function within<T>(promise: Promise<T>, boundMs: number): Promise<T | typeof LATE> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof LATE>((resolve) => (timer = setTimeout(() => resolve(LATE), boundMs)));
  timer?.unref();
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
