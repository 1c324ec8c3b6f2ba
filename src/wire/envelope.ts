import { isUtf8 } from "node:buffer";

import { FrameError } from "./frames.js";
import { NestingError, readString, skipValue, skipWhitespace, walkObject, type Span } from "./json-scan.js";

/** A progress token and its position: in a request `params._meta`, in a progress notification `params` holds it. */
export interface ProgressToken {
  token: string | number;
  span: Span;
}

export interface RequestEnvelope {
  kind: "request";
  raw: Buffer;
  id: string | number;
  idSpan: Span;
  method: string;
  params: Span | undefined;
  progress: ProgressToken | undefined;
}

export interface NotificationEnvelope {
  kind: "notification";
  raw: Buffer;
  method: string;
  params: Span | undefined;
  progress: ProgressToken | undefined;
}

/** `idSpan` is empty when the id is missing, which is allowed only in an error that answers no request. */
export interface ResponseEnvelope {
  kind: "response";
  raw: Buffer;
  id: string | number | null;
  idSpan: Span;
  result: Span | undefined;
  error: Span | undefined;
}

/** The JSON-RPC envelope of one frame, by position: params and results stay the bytes that came. */
export type Envelope = RequestEnvelope | NotificationEnvelope | ResponseEnvelope;

/**
 * Reads the envelope of one frame (as a FrameDecoder emits it) and checks that the whole frame is valid UTF-8 and JSON.
 * Throws a FrameError for anything but JSON, a batch, another version than JSON-RPC 2.0, and a duplicate member of the
 * envelope, or of the params if it is read here: parsers differ in which of the two counts, so it could mean one thing here
 * and another in the hosted server.
 */
export function readEnvelope(raw: Buffer): Envelope {
  if (!isUtf8(raw)) throw new FrameError("A message is not valid UTF-8.");
  const members = readMembers(raw);
  if (!members.jsonrpc) throw invalid('has no "jsonrpc": "2.0"');
  const { id, method, params, result, error } = members;
  if (method === undefined) return readResponse(raw, members);
  if (result !== undefined || error !== undefined) throw invalid("has both a method and a result or an error");
  if (id === undefined) {
    const progress = method === "notifications/progress" ? members.paramsToken : undefined;
    return { kind: "notification", raw, method, params, progress: readToken(raw, progress) };
  }
  const value = readId(raw, id);
  if (value === null) throw invalid("is a request with a null id");
  return { kind: "request", raw, id: value, idSpan: id, method, params, progress: readToken(raw, members.metaToken) };
}

/** The parsed params of a request or notification; undefined when it has none. */
export function paramsOf(envelope: Envelope): unknown {
  return envelope.kind === "response" ? undefined : parseSpan(envelope.raw, envelope.params);
}

/** Parses the value at `span`; undefined without a span. */
export function parseSpan(raw: Buffer, span: Span | undefined): unknown {
  return span === undefined ? undefined : (JSON.parse(raw.toString("utf8", span.start, span.end)) as unknown);
}

/** A copy of the frame with other JSON text at the given spans, which must not overlap. */
export function replaceSpans(raw: Buffer, edits: { span: Span; text: string }[]): Buffer {
  const ordered = edits.length > 1 ? [...edits].sort((a, b) => a.span.start - b.span.start) : edits;
  let size = raw.length;
  for (const { span, text } of ordered) size += Buffer.byteLength(text) - (span.end - span.start);
  const copy = Buffer.allocUnsafe(size);
  let from = 0;
  let to = 0;
  for (const { span, text } of ordered) {
    to += raw.copy(copy, to, from, span.start);
    to += copy.write(text, to);
    from = span.end;
  }
  raw.copy(copy, to, from);
  return copy;
}

interface Members {
  jsonrpc: boolean;
  id: Span | undefined;
  method: string | undefined;
  params: Span | undefined;
  result: Span | undefined;
  error: Span | undefined;
  paramsToken: Span | undefined;
  metaToken: Span | undefined;
}

function readMembers(raw: Buffer): Members {
  const members: Members = {
    jsonrpc: false,
    id: undefined,
    method: undefined,
    params: undefined,
    result: undefined,
    error: undefined,
    paramsToken: undefined,
    metaToken: undefined,
  };
  try {
    const end = walkObject(raw, 0, (key, start) => readMember(raw, members, key, start));
    const behind = skipWhitespace(raw, end);
    if (behind !== raw.length) throw new SyntaxError(`more follows at byte ${behind}`);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    if (error instanceof NestingError) throw invalid(`is ${error.message}`, error);
    if (raw[skipWhitespace(raw, 0)] === 0x5b) {
      throw invalid("is an array. MCP no longer has batches: send one message per line", error);
    }
    throw new FrameError(`A message is not a JSON object: ${error.message}.`, { cause: error });
  }
  return members;
}

/** Reads one member of the envelope into `members` and returns the offset behind it. */
function readMember(raw: Buffer, members: Members, key: string, start: number): number {
  switch (key) {
    case "jsonrpc": {
      const end = skipValue(raw, start);
      if (members.jsonrpc) throw twice(key);
      members.jsonrpc = end - start === 5 && raw.toString("latin1", start, end) === '"2.0"';
      return end;
    }
    case "method": {
      const end = skipValue(raw, start);
      if (members.method !== undefined) throw twice(key);
      if (raw[start] !== 0x22) throw invalid("has a method that is not a string");
      members.method = readString(raw, start, end);
      return end;
    }
    case "params": {
      if (members.params !== undefined) throw twice(key);
      const end = readParams(raw, members, start);
      members.params = { start, end };
      return end;
    }
    case "id":
    case "result":
    case "error": {
      const end = skipValue(raw, start);
      if (members[key] !== undefined) throw twice(key);
      members[key] = { start, end };
      return end;
    }
    default:
      return skipValue(raw, start);
  }
}

/** Collects progress tokens while it walks the params, so that they are walked only once. */
function readParams(raw: Buffer, members: Members, start: number): number {
  if (raw[start] !== 0x7b) return skipValue(raw, start);
  const isNew = oncePerObject(PARAMS_KEYS);
  return walkObject(raw, start, (key, at) => {
    if (!isNew(key)) throw twice(key);
    if (key === "_meta" && raw[at] === 0x7b) {
      const isNewInMeta = oncePerObject(META_KEYS);
      return walkObject(raw, at, (metaKey, tokenAt) => {
        if (!isNewInMeta(metaKey)) throw twice(metaKey);
        const end = skipValue(raw, tokenAt);
        if (metaKey === "progressToken") members.metaToken = { start: tokenAt, end };
        return end;
      });
    }
    const end = skipValue(raw, at);
    if (key === "progressToken") members.paramsToken = { start: at, end };
    return end;
  });
}

/** What Lockstep replaces or judges by: of two of them the hosted server could take the other one. */
const PARAMS_KEYS = ["_meta", "progressToken", "name", "uri", "ref", "requestId", "taskId", "task", "level"];
const META_KEYS = [
  "progressToken",
  "io.modelcontextprotocol/protocolVersion",
  "io.modelcontextprotocol/related-task",
  "io.modelcontextprotocol/subscriptionId",
];

/** False for a key of the list that comes the second time. */
function oncePerObject(keys: readonly string[]): (key: string) => boolean {
  let seen = 0;
  return (key) => {
    const index = keys.indexOf(key);
    const bit = index === -1 ? 0 : 1 << index;
    if ((seen & bit) !== 0) return false;
    seen |= bit;
    return true;
  };
}

function readResponse(raw: Buffer, members: Members): ResponseEnvelope {
  const { id, result } = members;
  // Older servers write `"error": null` beside a result.
  const error = members.error !== undefined && raw[members.error.start] === 0x6e ? undefined : members.error;
  if (id === undefined) {
    if (error === undefined) throw invalid("has neither a method nor an id");
    return { kind: "response", raw, id: null, idSpan: { start: error.start, end: error.start }, result, error };
  }
  return { kind: "response", raw, id: readId(raw, id), idSpan: id, result, error };
}

function readId(raw: Buffer, span: Span): string | number | null {
  const first = raw[span.start];
  if (first === 0x6e) return null;
  const id = readScalar(raw, span);
  if (id === undefined) throw invalid("has an id that is neither a string nor a number");
  return id;
}

function readToken(raw: Buffer, span: Span | undefined): ProgressToken | undefined {
  if (span === undefined) return undefined;
  const token = readScalar(raw, span);
  return token === undefined ? undefined : { token, span };
}

/** The string or number at `span`; undefined for any other value. */
function readScalar(raw: Buffer, span: Span): string | number | undefined {
  const first = raw[span.start] ?? 0;
  if (first === 0x22) return readString(raw, span.start, span.end);
  if (first === 0x2d || (first >= 0x30 && first <= 0x39)) return readNumber(raw, span);
  return undefined;
}

function readNumber(raw: Buffer, { start, end }: Span): number {
  if (end - start > 15) return Number(raw.toString("latin1", start, end));
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (raw[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return Number(raw.toString("latin1", start, end));
    value = value * 10 + digit;
  }
  return value;
}

function invalid(what: string, cause?: unknown): FrameError {
  return new FrameError(`A message ${what}.`, { rpcCode: -32600, cause });
}

function twice(key: string): FrameError {
  return invalid(`has "${key}" twice`);
}
