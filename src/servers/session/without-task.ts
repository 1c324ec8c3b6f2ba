import { textAt } from "../../mcp/span.js";
import { readEnvelope, replaceSpans, type RequestEnvelope } from "../../wire/envelope.js";
import { scanObject } from "../../wire/json-scan.js";

/**
 * The request without its wish for a task, as MCP demands of a receiver that does not offer tasks. A session with all
 * servers offers none: ids of tasks do not say which server they belong to.
 */
export function withoutTask(request: RequestEnvelope): RequestEnvelope {
  const { raw, params } = request;
  if (params === undefined || !raw.includes(KEY, params.start)) return request;
  const kept: string[] = [];
  let hasTask = false;
  scanObject(raw, params.start, (key, value) => {
    if (key === "task") hasTask = true;
    else kept.push(`${JSON.stringify(key)}:${textAt(raw, value)}`);
  });
  if (!hasTask) return request;
  const rest = readEnvelope(replaceSpans(raw, [{ span: params, text: `{${kept.join(",")}}` }]));
  return rest.kind === "request" ? rest : request;
}

const KEY = '"task"';
