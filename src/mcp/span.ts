import { scanObject, type Span } from "../wire/json-scan.js";

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

const OPEN_BRACE = 0x7b;
