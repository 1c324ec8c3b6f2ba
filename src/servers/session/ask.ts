import type { Port } from "../route/port.js";
import type { ServerAnswer } from "../route/asker.js";
import type { Router } from "../route/to-server.js";
import { exactDurationText } from "../../text/duration.js";

/** Sends a hosted server a request of Lockstep's own, in the name of a session. Never rejects. */
export function ask(
  router: Router,
  port: Port,
  method: string,
  params: object,
  boundMs: number,
): Promise<ServerAnswer> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      const message = `no answer to ${method} within ${exactDurationText(boundMs)}`;
      resolve({ ok: false, refusal: { code: -32603, message } });
    }, boundMs);
    router.ask(port, method, params, (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}

/** All pages of a list. */
export async function askAll(
  router: Router,
  port: Port,
  method: string,
  key: string,
  boundMs: number,
): Promise<unknown[] | undefined> {
  const items: unknown[] = [];
  let cursor: unknown;
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await ask(router, port, method, cursor === undefined ? {} : { cursor }, boundMs);
    if (!answer.ok) return page === 0 ? undefined : items;
    const list = answer.result[key];
    if (Array.isArray(list)) items.push(...(list as unknown[]));
    cursor = answer.result["nextCursor"];
    if (typeof cursor !== "string") return items;
  }
  return items;
}

/** A server whose list never ends must not keep the daemon busy for ever. */
const MAX_PAGES = 100;
