import { readEnvelope, type Envelope } from "../../wire/envelope.js";
import { FrameError, MAX_FRAME_BYTES } from "../../wire/frames.js";
import type { OverlongLine } from "../channel/channel.js";
import { findObjects, idAtEnd, type BrokenObject } from "./broken-line.js";

/** What a line of a server's output holds. */
export type Output = Envelope | BrokenAnswer | BrokenRequest | OtherOutput;

/** `start`: the line's first bytes, which may contain secrets. */
interface Unreadable {
  /** Continues "a message that …", without a full stop. */
  problem: string;
  start: string;
}

/** An answer that cannot be passed on. */
export interface BrokenAnswer extends Unreadable {
  kind: "broken answer";
  /** Undefined: it cannot be recognised any more. */
  id: string | number | undefined;
}

/** A request of the server that cannot be passed on; it waits for an answer. */
export interface BrokenRequest extends Unreadable {
  kind: "broken request";
  /** The JSON text of its id. */
  idText: string;
}

/** Programs print all kinds of other text. */
export interface OtherOutput extends Unreadable {
  kind: "other";
}

/**
 * Reads a line of a server's output: one message, or several in an array (a batch of MCP 2025-03-26) or one after another.
 * An answer that is not valid is recognised wherever possible, since a client waits for it.
 */
export function readOutput(line: Buffer): Output[] {
  const raw = withoutMark(line);
  try {
    return [checked(readEnvelope(raw))];
  } catch (error) {
    return readParts(raw, problemOf(error, raw));
  }
}

/** Reads what is known of a line that is longer than MAX_FRAME_BYTES. */
export function readOverlong({ head, tail }: OverlongLine): Output {
  const raw = withoutMark(head);
  const [object] = findObjects(raw);
  const problem = `is longer than the limit of ${MAX_FRAME_BYTES / 1024 / 1024} MiB`;
  const start = startOf(raw);
  if (object?.start !== 0) return { kind: "other", problem, start };
  return describe({ ...object, isClosed: false }, tail, problem, start);
}

function readParts(raw: Buffer, problem: string): Output[] {
  const objects = findObjects(raw);
  const [first] = objects;
  const start = startOf(raw);
  if (first === undefined) return [readRest(raw, problem, start)];
  const before = raw.toString("latin1", 0, first.start).trim();
  const isWhole = before === "" && objects.length === 1 && first.end === raw.toString("latin1").trimEnd().length;
  if (isWhole) return [describe(first, raw, problem, start)];
  const parts = objects.map((object) => readPart(raw, object));
  if (before === "" || before === "[") return parts;
  // Text without a line end came before it, or a program logs what it sends: only an answer that is whole is taken.
  const answers = parts.filter((part) => part.kind === "response");
  return answers.length > 0 ? answers : [{ kind: "other", problem, start }];
}

function readPart(raw: Buffer, object: BrokenObject): Output {
  const part = raw.subarray(object.start, object.end);
  try {
    return checked(readEnvelope(part));
  } catch (error) {
    return describe(object, part, problemOf(error, part), startOf(part));
  }
}

/** A line without the beginning of an object: the end of a message with a raw line end in it, or other text. */
function readRest(raw: Buffer, problem: string, start: string): Output {
  const idText = idAtEnd(raw.subarray(-KEPT_TAIL_BYTES), false);
  if (idText !== undefined) return { kind: "broken answer", id: parseId(idText), problem, start };
  if (!VERSION_LINE.test(raw.toString("latin1", 0, 100))) return { kind: "other", problem, start };
  return { kind: "broken answer", id: undefined, problem: "is divided into several lines", start };
}

function describe(object: BrokenObject, raw: Buffer, problem: string, start: string): Output {
  const { keys } = object;
  const isAnswer = keys.has("result") || keys.has("error");
  if (keys.has("method") && !isAnswer) {
    // A notification is just lost.
    return object.idText === undefined
      ? { kind: "other", problem, start }
      : { kind: "broken request", idText: object.idText, problem, start };
  }
  // Other programs' JSON has other keys, or is at least whole.
  if (!keys.has("jsonrpc") && !(isAnswer && (object.idText !== undefined || !object.isClosed))) {
    return { kind: "other", problem, start };
  }
  const idText = object.idText ?? idAtEnd(raw.subarray(-KEPT_TAIL_BYTES), true);
  return { kind: "broken answer", id: idText === undefined ? undefined : parseId(idText), problem, start };
}

/** JSON-RPC allows a response one of result and error. With both or neither, clients would drop it and wait. */
function checked(envelope: Envelope): Envelope {
  if (envelope.kind !== "response") return envelope;
  const { raw, result, error } = envelope;
  const isNull = result !== undefined && raw[result.start] === 0x6e;
  if (error !== undefined && result !== undefined && !isNull)
    throw new FrameError("A message has both a result and an error.");
  if (error === undefined && result === undefined) throw new FrameError("A message has neither a result nor an error.");
  return envelope;
}

function problemOf(error: unknown, raw: Buffer): string {
  if (!(error instanceof FrameError)) throw error;
  const at = /at byte (\d+)\.?$/.exec(error.message)?.[1];
  const word = at === undefined ? undefined : NOT_FINITE.exec(raw.toString("latin1", Number(at), Number(at) + 10))?.[0];
  if (word !== undefined) return `holds ${word}, which is not JSON`;
  return error.message.replace(/^A message /, "").replace(/\.$/, "");
}

/** Some programs begin their output, or each line, with a byte order mark. */
function withoutMark(line: Buffer): Buffer {
  let raw = line;
  while (raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf) raw = raw.subarray(3);
  return raw;
}

function parseId(idText: string): string | number | undefined {
  try {
    return JSON.parse(idText) as string | number;
  } catch {
    return undefined; // A control character in a string.
  }
}

function startOf(raw: Buffer): string {
  return raw.toString("utf8", 0, SHOWN_BYTES);
}

const VERSION_LINE = /^\s*"jsonrpc"\s*:\s*"2\.0"\s*,?\s*$/;
const NOT_FINITE = /^(NaN|Infinity)/;
/** More than is shown in the end, so that a secret at its end is recognised. */
const SHOWN_BYTES = 8 * 1024;
const KEPT_TAIL_BYTES = 1024;
