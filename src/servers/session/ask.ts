import { asObject } from "../../wire/message.js";
import { parseSpan, readEnvelope, type RequestEnvelope } from "../../wire/envelope.js";
import type { Refusal } from "../../mcp/refusals.js";
import type { Port } from "../route/port.js";
import type { OwnAnswer } from "../route/open-requests.js";
import type { Router } from "../route/to-server.js";
import { exactDurationText } from "../../text/duration.js";

/** What a hosted server answered to a question of Lockstep's own. */
export type ServerAnswer = { ok: true; result: Record<string, unknown> } | { ok: false; refusal: Refusal };

/** Asks a hosted server something in the name of a session; never rejects. Bounded by `boundMs`. */
export function ask(
  router: Router,
  port: Port,
  method: string,
  params: object,
  boundMs: number,
): Promise<ServerAnswer> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve({
        ok: false,
        refusal: { code: -32603, message: `no answer to ${method} within ${exactDurationText(boundMs)}` },
      });
    }, boundMs);
    const take: OwnAnswer = (answer) => {
      clearTimeout(timer);
      resolve("code" in answer ? { ok: false, refusal: answer } : readAnswer(answer));
    };
    router.request(port, ownRequest(method, params), take);
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
    const told = await ask(router, port, method, cursor === undefined ? {} : { cursor }, boundMs);
    if (!told.ok) return page === 0 ? undefined : items;
    const list = told.result[key];
    if (Array.isArray(list)) items.push(...(list as unknown[]));
    cursor = told.result["nextCursor"];
    if (typeof cursor !== "string") return items;
  }
  return items;
}

function ownRequest(method: string, params: object): RequestEnvelope {
  const envelope = readEnvelope(Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: "own", method, params })));
  if (envelope.kind !== "request") throw new Error("a request turned out to be none");
  return envelope;
}

function readAnswer({ raw, result, error }: { raw: Buffer; result: Span; error: Span }): ServerAnswer {
  if (error !== undefined) {
    const { code, message, data } = asObject(parseSpan(raw, error));
    const refusal: Refusal = { code: Number(code) || -32603, message: String(message) };
    return { ok: false, refusal: data === undefined ? refusal : { ...refusal, data: asObject(data) } };
  }
  return { ok: true, result: asObject(parseSpan(raw, result)) };
}

type Span = Parameters<typeof parseSpan>[1];

/** A server whose list never ends must not keep the daemon busy for ever. */
const MAX_PAGES = 100;
