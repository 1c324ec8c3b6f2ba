import type { ResponseEnvelope } from "../wire/envelope.js";
import type { Span } from "../wire/json-scan.js";
import { elementSpans, memberSpan, nestedSpan } from "./span.js";

/** The places of the URIs of resources in the answer to a request of `method`; none in the answers to others. */
export function resourceUris(method: string, { raw, result }: ResponseEnvelope): Span[] {
  const list = LISTS_WITH_URIS[method];
  const array = list === undefined ? undefined : result && memberSpan(raw, result, list);
  if (array === undefined) return [];
  return elementSpans(raw, array).flatMap((element) => {
    const content = method === "prompts/get" ? memberSpan(raw, element, "content") : element;
    if (content === undefined) return [];
    // A resource itself and a link to one have it in the content, an embedded one has it a level below.
    return [["uri"], ["resource", "uri"]].flatMap((path) => nestedSpan(raw, content, path) ?? []);
  });
}

/** The member of the result whose elements can name resources. */
const LISTS_WITH_URIS: Readonly<Record<string, string>> = {
  "resources/read": "contents",
  "tools/call": "content",
  "prompts/get": "messages",
};
