import { scanObject, skipValue, skipWhitespace, type Span } from "../wire/json-scan.js";

/** The JSON text at `span`. */
export function textAt(raw: Buffer, { start, end }: Span): string {
  return raw.toString("utf8", start, end);
}

/** The place of the value of `key` in the object at `object`; undefined when it is no object or has no such member. */
export function memberSpan(raw: Buffer, object: Span, key: string): Span | undefined {
  if (raw[object.start] !== OPEN_BRACE) return undefined;
  let found: Span | undefined;
  scanObject(raw, object.start, (name, value) => {
    if (name === key) found = value;
  });
  return found;
}

/** The place of the value that `path` leads to from the object at `object`; undefined when a step is missing. */
export function nestedSpan(raw: Buffer, object: Span | undefined, path: readonly string[]): Span | undefined {
  return path.reduce<Span | undefined>((at, key) => at && memberSpan(raw, at, key), object);
}

/** The places of the elements of the array at `array`, which is known to be valid JSON; empty when it is no array. */
export function elementSpans(raw: Buffer, array: Span): Span[] {
  const spans: Span[] = [];
  if (raw[array.start] !== OPEN_BRACKET) return spans;
  let at = skipWhitespace(raw, array.start + 1);
  while (at < array.end && raw[at] !== CLOSE_BRACKET) {
    const end = skipValue(raw, at);
    spans.push({ start: at, end });
    at = skipWhitespace(raw, end);
    if (raw[at] === COMMA) at = skipWhitespace(raw, at + 1);
  }
  return spans;
}

const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
