/** The position of a JSON value in a frame: byte offsets, `end` exclusive. */
export interface Span {
  start: number;
  end: number;
}

/**
 * Checks one JSON object that starts at `start` (white space before it is skipped) against the complete grammar and
 * reports each of its own members. Only the keys are parsed and copied; a duplicate key is reported twice. Returns the
 * offset behind the closing brace. The caller has checked that the bytes are valid UTF-8.
 * Throws SyntaxError with the byte offset.
 */
export function scanObject(buf: Buffer, start: number, onMember: (key: string, value: Span) => void): number {
  return walkObject(buf, start, (key, at) => {
    const end = skipValue(buf, at);
    onMember(key, { start: at, end });
    return end;
  });
}

/** Like `scanObject`, but `visit` walks the member's value itself and returns its end, so that one pass goes deeper. */
export function walkObject(buf: Buffer, start: number, visit: Visit): number {
  return skipObject(buf, skipWhitespace(buf, start), 1, visit);
}

/** Checks one member's value that starts exactly at `start`; returns the offset behind it. */
export function skipValue(buf: Buffer, start: number): number {
  return skipNested(buf, start, 1);
}

/** The offset of the first byte at or after `at` that is not JSON white space. */
export function skipWhitespace(buf: Buffer, at: number): number {
  for (; ; at++) {
    const byte = buf[at];
    if (byte !== SPACE && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
  }
}

/** The text of the JSON string from `start` (its opening quote) to `end` (behind its closing quote), unescaped. */
export function readString(buf: Buffer, start: number, end: number): string {
  for (let at = start + 1; at < end - 1; at++) {
    if (buf[at] === BACKSLASH) return JSON.parse(buf.toString("utf8", start, end)) as string;
  }
  return buf.toString("utf8", start + 1, end - 1);
}

/** Gets a member's key and the offset of its value, and returns the offset behind the value. */
export type Visit = (key: string, valueStart: number) => number;

/** Deeper frames are refused, so that recursion stays bounded. */
const MAX_DEPTH = 1000;

/** After this many plain bytes a string is scanned four bytes at a time. */
const LONG_STRING = 256;

/** JSON as it may be, but deeper than is read. */
export class NestingError extends SyntaxError {}

const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

function skipNested(buf: Buffer, at: number, depth: number): number {
  switch (buf[at]) {
    case QUOTE:
      return skipString(buf, at);
    case OPEN_BRACE:
      return skipObject(buf, at, depth + 1, undefined);
    case OPEN_BRACKET:
      return skipArray(buf, at, depth + 1);
    case 0x74:
      return skipLiteral(buf, at, "true");
    case 0x66:
      return skipLiteral(buf, at, "false");
    case 0x6e:
      return skipLiteral(buf, at, "null");
    default:
      return skipNumber(buf, at);
  }
}

function skipObject(buf: Buffer, at: number, depth: number, visit: Visit | undefined): number {
  if (buf[at] !== OPEN_BRACE) throw unexpected(buf, at);
  if (depth > MAX_DEPTH) throw tooDeep(at);
  at = skipWhitespace(buf, at + 1);
  if (buf[at] === CLOSE_BRACE) return at + 1;
  for (;;) {
    const keyStart = at;
    const keyEnd = skipString(buf, at);
    at = skipWhitespace(buf, keyEnd);
    if (buf[at] !== COLON) throw unexpected(buf, at);
    at = skipWhitespace(buf, at + 1);
    at = visit === undefined ? skipNested(buf, at, depth) : visit(readString(buf, keyStart, keyEnd), at);
    at = skipWhitespace(buf, at);
    if (buf[at] === CLOSE_BRACE) return at + 1;
    if (buf[at] !== COMMA) throw unexpected(buf, at);
    at = skipWhitespace(buf, at + 1);
  }
}

function skipArray(buf: Buffer, at: number, depth: number): number {
  if (depth > MAX_DEPTH) throw tooDeep(at);
  at = skipWhitespace(buf, at + 1);
  if (buf[at] === CLOSE_BRACKET) return at + 1;
  for (;;) {
    at = skipWhitespace(buf, skipNested(buf, at, depth));
    if (buf[at] === CLOSE_BRACKET) return at + 1;
    if (buf[at] !== COMMA) throw unexpected(buf, at);
    at = skipWhitespace(buf, at + 1);
  }
}

function skipString(buf: Buffer, at: number): number {
  if (buf[at] !== QUOTE) throw unexpected(buf, at);
  let plain = 0;
  for (at++; ; at++) {
    const byte = buf[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) {
      at = skipEscape(buf, at + 1);
      plain = 0;
    } else if (byte === undefined || byte < SPACE) throw unexpected(buf, at);
    else if (++plain >= LONG_STRING && ((buf.byteOffset + at) & 3) === 3) at = skipPlainWords(buf, at + 1) - 1;
  }
}

/**
 * Scans a long string such as an image's base64 four bytes at a time, which is three times as fast, from an aligned byte
 * on. Stops where the next four contain a quote, a backslash or a control byte. Each term is the well-known test whether
 * one of four bytes is below n: its high bits are all clear exactly if none is.
 */
function skipPlainWords(buf: Buffer, at: number): number {
  const words = new Int32Array(buf.buffer, buf.byteOffset + at, (buf.length - at) >> 2);
  let index = 0;
  for (; index < words.length; index++) {
    const word = words[index] ?? 0;
    const quote = word ^ 0x22222222;
    const backslash = word ^ 0x5c5c5c5c;
    const control = (word - 0x20202020) & ~word;
    const found = control | ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash);
    if ((found & 0x80808080) !== 0) break;
  }
  return at + index * 4;
}

/** From the byte behind the backslash to the escape's last byte. */
function skipEscape(buf: Buffer, at: number): number {
  switch (buf[at]) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return at;
    case 0x75: // u
      for (let digit = 1; digit <= 4; digit++) if (!isHexDigit(buf[at + digit])) throw unexpected(buf, at + digit);
      return at + 4;
    default:
      throw unexpected(buf, at);
  }
}

function skipNumber(buf: Buffer, at: number): number {
  if (buf[at] === 0x2d) at++;
  if (buf[at] === 0x30) at++;
  else at = skipDigits(buf, at);
  if (buf[at] === 0x2e) at = skipDigits(buf, at + 1);
  if (buf[at] === 0x65 || buf[at] === 0x45) {
    at++;
    if (buf[at] === 0x2b || buf[at] === 0x2d) at++;
    at = skipDigits(buf, at);
  }
  return at;
}

function skipDigits(buf: Buffer, at: number): number {
  if (!isDigit(buf[at])) throw unexpected(buf, at);
  do at++;
  while (isDigit(buf[at]));
  return at;
}

function skipLiteral(buf: Buffer, at: number, word: string): number {
  for (let index = 1; index < word.length; index++) {
    if (buf[at + index] !== word.charCodeAt(index)) throw unexpected(buf, at + index);
  }
  return at + word.length;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function isHexDigit(byte: number | undefined): boolean {
  return isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}

function unexpected(buf: Buffer, at: number): SyntaxError {
  const byte = buf[at];
  if (byte === undefined) return new SyntaxError(`JSON ends too early, at byte ${at}`);
  const shown =
    byte > SPACE && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `0x${byte.toString(16).padStart(2, "0")}`;
  return new SyntaxError(`unexpected ${shown} at byte ${at}`);
}

function tooDeep(at: number): NestingError {
  return new NestingError(`nested more than ${MAX_DEPTH} levels deep at byte ${at}`);
}
