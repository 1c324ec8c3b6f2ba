import { paramsOf, type Envelope, type RequestEnvelope } from "../wire/envelope.js";
import { asObject } from "../wire/message.js";

/** `params.uri` of a request or notification: the resource that it concerns. */
export function uriOf(envelope: Envelope): string | undefined {
  return textParam(envelope, "uri");
}

/** The tool of a `tools/call`; undefined for other requests. */
export function toolOf(request: RequestEnvelope): string | undefined {
  return request.method === "tools/call" ? textParam(request, "name") : undefined;
}

/** `params.level` of a `logging/setLevel`. */
export function logLevelOf(request: RequestEnvelope): string | undefined {
  return textParam(request, "level");
}

function textParam(envelope: Envelope, key: string): string | undefined {
  const value = asObject(paramsOf(envelope))[key];
  return typeof value === "string" ? value : undefined;
}
