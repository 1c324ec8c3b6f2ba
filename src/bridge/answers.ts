import { errorFrame, resultFrame } from "../mcp/answer-frames.js";
import { isListMethod, LISTS } from "../mcp/lists.js";
import type { Refusal } from "../mcp/refusals.js";
import { ERROR } from "../wire/control.js";
import { parseSpan, type RequestEnvelope, type ResponseEnvelope } from "../wire/envelope.js";
import { asObject } from "../wire/message.js";
import { nestedSpan } from "../mcp/span.js";
import type { HostRequest } from "./host-requests.js";

/** What the daemon's answer to a request of the host means. */
export type Answer =
  /** It is the host's answer, as it is. */
  | { kind: "passed" }
  /** The daemon did not take the request, which may be sent to the next one. */
  | { kind: "not-delivered"; error: Refusal }
  /** The host gets this frame instead. */
  | { kind: "replaced"; frame: string };

/** Reads the daemon's answer to `open`. Results are passed unread. */
export function readAnswer({ request, idText }: HostRequest, answer: ResponseEnvelope): Answer {
  if (answer.error === undefined) return { kind: "passed" };
  const error = refusalOf(parseSpan(answer.raw, answer.error));
  const { delivered, outcome } = error.data ?? {};
  if (error.code === ERROR.draining && delivered === false) return { kind: "not-delivered", error };
  // A server without such a list says that it does not know the method: to hosts that is a server that failed.
  if (error.code === METHOD_NOT_FOUND && isListMethod(request.method)) {
    return { kind: "replaced", frame: resultFrame(idText, { [LISTS[request.method].key]: [] }) };
  }
  if (outcome !== "unknown") return { kind: "passed" };
  return { kind: "replaced", frame: failureFrame(request, idText, error) };
}

/** The one answer to a request that may have run, and whose own answer is lost. `why` is a sentence. */
export function unknownOutcome({ request, idText }: HostRequest, why: string): string {
  const message =
    `Outcome unknown: ${why} The request was delivered, so it may have taken effect. ` +
    `It is not sent again; check whether it took effect before you repeat it.`;
  const data = { delivered: true, outcome: "unknown" };
  return failureFrame(request, idText, { code: ERROR.serverLost, message, data });
}

/** The answer to a request that was certainly not delivered. `why` is a sentence. */
export function notDelivered({ request, idText }: HostRequest, why: string): string {
  const message = `The request was not delivered: ${why}`;
  return failureFrame(request, idText, { code: ERROR.serverUnavailable, message, data: { delivered: false } });
}

/**
 * The error as a tool's own result where the request is a tool's call: hosts were seen to repeat a call that was answered
 * with a JSON-RPC error, and even to restart the server first.
 */
function failureFrame(request: RequestEnvelope, idText: string, error: Refusal): string {
  if (request.method !== "tools/call" || isTask(request)) return errorFrame(idText, error);
  const { code, message, data } = error;
  return resultFrame(idText, {
    content: [{ type: "text", text: message }],
    isError: true,
    _meta: { "lockstep/error": { code, ...data } },
  });
}

function isTask({ raw, params }: RequestEnvelope): boolean {
  return nestedSpan(raw, params, ["task"]) !== undefined;
}

function refusalOf(error: unknown): Refusal {
  const { code, message, data } = asObject(error);
  return {
    code: typeof code === "number" ? code : -32603,
    message: typeof message === "string" ? message : "",
    data: asObject(data),
  };
}

const METHOD_NOT_FOUND = -32601;
