import { readValues, writeValues, type Variant } from "./values.js";

/** A D-Bus message. Which of the fields are there depends on its kind, as in the specification. */
export interface BusMessage {
  kind: "call" | "reply" | "error" | "signal";
  serial: number;
  /** Set by the bus: the unique name of the connection that it comes from. */
  sender?: string | undefined;
  destination?: string | undefined;
  path?: string | undefined;
  /** The interface; a reserved word in TypeScript. */
  face?: string | undefined;
  member?: string | undefined;
  error?: string | undefined;
  replyTo?: number | undefined;
  /** A call that must not start the program which is called. */
  noAutoStart?: boolean | undefined;
  signature: string;
  body: readonly unknown[];
}

const KINDS = ["invalid", "call", "reply", "error", "signal"] as const;
const NO_AUTO_START = 2;
const VERSION = 1;
const LITTLE = "l".charCodeAt(0);
/** Up to the array of fields, with that array's length. */
const FIXED_BYTES = 16;
/** A message may be 128 MiB long; those that concern a tray icon are far below that. */
const MOST_BYTES = 16 * 1024 * 1024;

/** The header's fields by their number. */
const FIELDS = [
  { number: 1, name: "path", type: "o" },
  { number: 2, name: "face", type: "s" },
  { number: 3, name: "member", type: "s" },
  { number: 4, name: "error", type: "s" },
  { number: 5, name: "replyTo", type: "u" },
  { number: 6, name: "destination", type: "s" },
  { number: 7, name: "sender", type: "s" },
] as const;
const SIGNATURE = 8;

/** The bytes of a message, little-endian. */
export function encodeMessage(message: BusMessage): Buffer {
  const body = writeValues(message.signature, message.body);
  const fields: [number, Variant][] = FIELDS.filter(({ name }) => message[name] !== undefined).map(
    ({ number, name, type }) => [number, { type, value: message[name] }],
  );
  if (message.signature !== "") fields.push([SIGNATURE, { type: "g", value: message.signature }]);
  const flags = message.noAutoStart ? NO_AUTO_START : 0;
  const start = [LITTLE, KINDS.indexOf(message.kind), flags, VERSION, body.length, message.serial];
  const header = writeValues("yyyyuua(yv)", [...start, fields]);
  return Buffer.concat([header, Buffer.alloc(-header.length & 7), body]);
}

/**
 * The length of the message that `bytes` begins with; undefined while too few have come. Throws for what is no message,
 * and for one of more than 16 MiB.
 */
export function messageLength(bytes: Buffer): number | undefined {
  if (bytes.length < FIXED_BYTES) return undefined;
  const [, , , version, body, , fields] = readValues("yyyyuuu", bytes, bytes[0] === LITTLE) as number[];
  if (version !== VERSION) throw new Error(`not a D-Bus message: its version is ${version}`);
  const length = FIXED_BYTES + padded(fields ?? 0) + (body ?? 0);
  if (length > MOST_BYTES) throw new Error(`a D-Bus message has ${length} bytes`);
  return length;
}

/** Reads one whole message. */
export function decodeMessage(bytes: Buffer): BusMessage {
  const little = bytes[0] === LITTLE;
  const [, kind, flags, , bodyLength, serial, fields] = readValues("yyyyuua(yv)", bytes, little);
  const byNumber = new Map(fields as [number, Variant][]);
  const signature = (byNumber.get(SIGNATURE)?.value ?? "") as string;
  const body = readValues(signature, bytes.subarray(bytes.length - (bodyLength as number)), little);
  const named = FIELDS.map(({ number, name }) => [name, byNumber.get(number)?.value]);
  const start = { kind: KINDS[kind as number] ?? "invalid", serial, signature, body };
  return {
    ...start,
    noAutoStart: ((flags as number) & NO_AUTO_START) !== 0,
    ...Object.fromEntries(named),
  } as BusMessage;
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}
