import { scanObject, type Span } from "./json-scan.js";

/** Params as JSON text, sent as they are, so that numbers of any size stay: an object with a member, without `_meta`. */
export class ParamsText {
  readonly json: string;

  constructor(json: string) {
    this.json = json;
  }
}

/** The frame of a request; `withProgress` makes its id the token of its progress. */
export function requestFrame(id: number, method: string, params: object | undefined, withProgress: boolean): string {
  if (params instanceof ParamsText) {
    const meta = withProgress ? `,"_meta":{"progressToken":${id}}}` : "}";
    return `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params.json.slice(0, -1)}${meta}}`;
  }
  return JSON.stringify({ jsonrpc: "2.0", id, method, params: withProgress ? withToken(params, id) : params });
}

/** The `result` of an answer as the JSON text that came. */
export function resultText(raw: Buffer): string {
  let span: Span | undefined;
  scanObject(raw, 0, (key, value) => {
    if (key === "result") span = value;
  });
  return span === undefined ? "null" : raw.toString("utf8", span.start, span.end);
}

function withToken(params: object | undefined, token: number): object {
  const meta: unknown = params !== undefined && "_meta" in params ? params._meta : undefined;
  return { ...params, _meta: { ...(typeof meta === "object" ? meta : undefined), progressToken: token } };
}
