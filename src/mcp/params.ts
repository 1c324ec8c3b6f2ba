import { paramsOf, parseSpan, type Envelope, type RequestEnvelope, type ResponseEnvelope } from "../wire/envelope.js";
import { isListMethod, type ListMethod } from "./lists.js";
import { nestedSpan } from "./span.js";
import { asObject } from "../wire/message.js";

/** `params.uri` of a request or notification: the resource that it concerns. */
export function uriOf(envelope: Envelope): string | undefined {
  return textParam(envelope, "uri");
}

/** The tool of a `tools/call`; undefined for other requests. */
export function toolOf(request: RequestEnvelope): string | undefined {
  return request.method === "tools/call" ? textParam(request, "name") : undefined;
}

/** The list whose first page a request asks for; undefined for later pages, and for other requests. */
export function firstPageOf({ method, raw, params }: RequestEnvelope): ListMethod | undefined {
  return isListMethod(method) && nestedSpan(raw, params, ["cursor"]) === undefined ? method : undefined;
}

/** `params.level` of a `logging/setLevel`. */
export function logLevelOf(request: RequestEnvelope): string | undefined {
  return textParam(request, "level");
}

/** `params.elicitationId`, in an elicitation by URL and in the notification of its completion. */
export function elicitationIdOf(envelope: Envelope): string | undefined {
  return textParam(envelope, "elicitationId");
}

/** The ids of the elicitations that a request needs first, in its error "URL elicitation required". */
export function requiredElicitations({ raw, error }: ResponseEnvelope): string[] {
  if (error === undefined || !raw.includes(ELICITATION_ID, error.start)) return [];
  const { elicitations } = asObject(asObject(parseSpan(raw, error))["data"]);
  const list = Array.isArray(elicitations) ? (elicitations as unknown[]) : [];
  return list.map((one) => asObject(one)["elicitationId"]).filter((id) => typeof id === "string");
}

const ELICITATION_ID = '"elicitationId"';

/** `params.message`: what an elicitation asks. */
export function messageOf(request: RequestEnvelope): string | undefined {
  return textParam(request, "message");
}

function textParam(envelope: Envelope, key: string): string | undefined {
  const value = asObject(paramsOf(envelope))[key];
  return typeof value === "string" ? value : undefined;
}
