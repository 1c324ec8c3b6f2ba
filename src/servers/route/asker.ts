import { parseSpan, replaceSpans, type RequestEnvelope, type ResponseEnvelope } from "../../wire/envelope.js";
import type { Span } from "../../wire/json-scan.js";
import { asObject } from "../../wire/message.js";
import { isSubscription } from "../../mcp/era.js";
import { subscriptionSpan } from "../../mcp/meta.js";
import type { Refusal } from "../../mcp/refusals.js";
import { textAt } from "../../mcp/span.js";

/** Who made a request to a hosted server, and so gets the answer. */
export type Asker = ClientAsker | LockstepAsker;

export interface ClientAsker {
  kind: "client";
  /** The client's id as JSON text. */
  idText: string;
  /** The client's progress token as JSON text. */
  progressText: string | undefined;
  /** The request as it came. Large ones are dropped once they have been sent. */
  request: RequestEnvelope | undefined;
}

/** Lockstep itself, in the name of a session with all servers. */
export interface LockstepAsker {
  kind: "lockstep";
  params: object;
  onAnswer: OnAnswer;
}

export type OnAnswer = (answer: ServerAnswer) => void;

/** A hosted server's answer, whose result is the JSON text at `result` of `raw`, or the reason why it gave none. */
export type ServerAnswer = { ok: true; raw: Buffer; result: Span | undefined } | { ok: false; refusal: Refusal };

export function clientAsker(request: RequestEnvelope): ClientAsker {
  const { raw, idSpan, progress } = request;
  const progressText = progress && textAt(raw, progress.span);
  return { kind: "client", idText: textAt(raw, idSpan), progressText, request };
}

/** A client's request under our id, which is its progress token as well, and with other JSON text in some more places. */
export function frameToServer(
  id: number,
  { raw, idSpan, progress }: RequestEnvelope,
  others: readonly { span: Span; text: string }[] = [],
): Buffer {
  const text = String(id);
  const edits = [{ span: idSpan, text }, ...others];
  if (progress !== undefined) edits.push({ span: progress.span, text });
  return replaceSpans(raw, edits);
}

/** A server's answer to Lockstep itself. */
export function readServerAnswer({ raw, result, error }: ResponseEnvelope): ServerAnswer {
  if (error === undefined) return { ok: true, raw, result };
  const { code, message, data } = asObject(parseSpan(raw, error));
  const refusal: Refusal = { code: Number(code) || -32603, message: String(message) };
  return { ok: false, refusal: data === undefined ? refusal : { ...refusal, data: asObject(data) } };
}

/**
 * A server's answer to a client's request, under the client's id, and with other JSON text in some more places. A
 * subscription has the id of the request that opened it.
 */
export function frameToClient(
  method: string,
  { idText }: ClientAsker,
  response: ResponseEnvelope,
  others: readonly { span: Span; text: string }[] = [],
): Buffer {
  const { raw, idSpan, result, error } = response;
  // An error without a place for the id.
  if (idSpan.start === idSpan.end && error !== undefined) {
    return Buffer.from(`{"jsonrpc":"2.0","id":${idText},"error":${textAt(raw, error)}}`);
  }
  const edits = [{ span: idSpan, text: idText }, ...others];
  const subscription = isSubscription(method) && result !== undefined ? subscriptionSpan(raw, result) : undefined;
  if (subscription !== undefined) edits.push({ span: subscription, text: idText });
  return replaceSpans(raw, edits);
}
