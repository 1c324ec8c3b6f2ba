import { isUtf8 } from "node:buffer";

import { elementSpans, textAt } from "../../mcp/span.js";
import { readEnvelope, type Envelope } from "../../wire/envelope.js";
import { FrameError } from "../../wire/frames.js";
import { scanObject, skipValue, skipWhitespace, type Span } from "../../wire/json-scan.js";

/** A message of a client that cannot be passed on, and how it is answered. */
export interface Refused {
  kind: "refused";
  /** The message's id as JSON text; "null" if it has none that can be read. */
  idText: string;
  code: number;
  why: string;
}

/**
 * Reads one line of a client: a message or, if the client's version of MCP has batches, several. JSON that is no message is
 * refused by itself, since a connection may carry an editor's calls of days. Throws a FrameError for anything but JSON.
 */
export function readLine(raw: Buffer, hasBatches: boolean): (Envelope | Refused)[] {
  const start = skipWhitespace(raw, 0);
  if (!hasBatches || raw[start] !== OPEN_BRACKET) return [readOrRefuse(raw)];
  const elements = elementSpans(raw, { start, end: checkedEnd(raw, start) });
  if (elements.length === 0 || elements.length > MAX_BATCH) {
    return [refused("null", -32600, `A batch holds 1 to ${MAX_BATCH} messages; this one has ${elements.length}.`)];
  }
  return elements.map(({ start, end }) => readOrRefuse(raw.subarray(start, end)));
}

/** The end of the array that is the whole line. */
function checkedEnd(raw: Buffer, start: number): number {
  try {
    if (!isUtf8(raw)) throw new SyntaxError("it is not valid UTF-8");
    const end = skipValue(raw, start);
    if (skipWhitespace(raw, end) !== raw.length) throw new SyntaxError(`more follows at byte ${end}`);
    return end;
  } catch (error) {
    throw error instanceof SyntaxError ? new FrameError(`A batch is not JSON: ${error.message}.`) : error;
  }
}

function readOrRefuse(raw: Buffer): Envelope | Refused {
  try {
    return readEnvelope(raw);
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    if (error.rpcCode === -32600) return refused(idTextOf(raw), -32600, error.message);
    if (raw[skipWhitespace(raw, 0)] === OPEN_BRACE || !isJson(raw)) throw error;
    return refused("null", -32600, "A message is not a JSON object.");
  }
}

function isJson(raw: Buffer): boolean {
  try {
    JSON.parse(raw.toString("utf8"));
    return true;
  } catch {
    return false;
  }
}

function refused(idText: string, code: number, why: string): Refused {
  return { kind: "refused", idText, code, why };
}

/** The id, if there is exactly one and JSON-RPC allows it. */
function idTextOf(raw: Buffer): string {
  const ids: Span[] = [];
  try {
    scanObject(raw, 0, (key, value) => {
      if (key === "id") ids.push(value);
    });
  } catch {
    // Nested too deeply. Usually the id comes first.
  }
  const [id] = ids;
  if (id === undefined || ids.length > 1) return "null";
  const text = textAt(raw, id);
  return /^["\d-]/.test(text) ? text : "null";
}

const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
/** A batch is handled in one turn of the event loop, in which no other client is served. */
const MAX_BATCH = 100;
