import { paramsOf, type RequestEnvelope } from "../wire/envelope.js";
import { asObject } from "../wire/message.js";

/** What a client with these capabilities lacks for a server's request, in words; undefined when it lacks nothing. */
export function lackingCapability(capabilities: Record<string, unknown>, request: RequestEnvelope): string | undefined {
  const needed = NEEDED_CAPABILITY[request.method];
  if (needed === undefined) return undefined;
  const declared = capabilities[needed];
  if (typeof declared !== "object" || declared === null) return needed;
  const asksForUrl = needed === "elicitation" && asObject(paramsOf(request))["mode"] === "url";
  return asksForUrl && !("url" in declared) ? "elicitation by URL" : undefined;
}

const NEEDED_CAPABILITY: Record<string, string> = {
  "sampling/createMessage": "sampling",
  "elicitation/create": "elicitation",
  "roots/list": "roots",
};
