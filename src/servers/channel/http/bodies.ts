import type { Readable } from "node:stream";

import { elementSpans } from "../../../mcp/span.js";
import { replaceSpans, type ResponseEnvelope } from "../../../wire/envelope.js";
import { MAX_FRAME_BYTES } from "../../../wire/frames.js";
import { skipValue, skipWhitespace } from "../../../wire/json-scan.js";
import type { Reader } from "./reading.js";

/** A response's body is longer than a frame may be. */
export class BodyTooLarge extends Error {}

/** The whole body. Rejects with BodyTooLarge, or with the error that ended the connection. */
export async function bodyOf(body: Readable, reader: Reader): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_FRAME_BYTES) throw new BodyTooLarge();
      chunks.push(chunk);
      await reader.turn(bytes);
    }
  } finally {
    reader.end();
  }
  return Buffer.concat(chunks, bytes);
}

/**
 * The frames in a body or an event: one, or the elements of a batch, as MCP 2025-03-26 has it. They keep every byte but
 * line ends, which JSON has only between values and frames on a socket have not at all.
 */
export function framesIn(json: Buffer): Buffer[] {
  const frame = inOneLine(json);
  const start = skipWhitespace(frame, 0);
  if (frame[start] !== OPEN_BRACKET) return start === frame.length ? [] : [frame];
  try {
    const elements = elementSpans(frame, { start, end: skipValue(frame, start) });
    return elements.map((element) => frame.subarray(element.start, element.end));
  } catch {
    return [frame]; // Not JSON, which its reader reports.
  }
}

/** The same response with an ID, given as JSON text; its own is null or missing. */
export function withId({ raw, id, idSpan }: ResponseEnvelope, text: string): Buffer {
  if (id === null && idSpan.end > idSpan.start) return replaceSpans(raw, [{ span: idSpan, text }]);
  const behindBrace = skipWhitespace(raw, 0) + 1;
  return replaceSpans(raw, [{ span: { start: behindBrace, end: behindBrace }, text: `"id":${text},` }]);
}

function inOneLine(json: Buffer): Buffer {
  const start = json.subarray(0, 3).equals(BOM) ? 3 : 0;
  if (!json.includes(LF) && !json.includes(CR)) return json.subarray(start);
  const copy = Buffer.from(json.subarray(start));
  for (let at = 0; at < copy.length; at++) if (copy[at] === LF || copy[at] === CR) copy[at] = SPACE;
  return copy;
}

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const OPEN_BRACKET = 0x5b;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
