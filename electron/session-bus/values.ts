/**
 * D-Bus values as the specification's "Marshaling" section lays them out. In JavaScript: a number for every integer of up
 * to 32 bits and for a double, a bigint for one of 64, text for strings, paths and signatures, an array for an array
 * or a struct, an array of pairs for a dictionary, and a `Variant` for a variant.
 */
export interface Variant {
  type: string;
  value: unknown;
}

/** Lays out one value per complete type of `signature`. Throws a RangeError for a number that does not fit its type. */
export function writeValues(signature: string, values: readonly unknown[]): Buffer {
  const writer = new Writer();
  typesOf(signature).forEach((type, n) => writer.write(type, values[n]));
  return writer.bytes();
}

/** Reads one value per complete type of `signature`. Throws for bytes that end early and for an unknown type. */
export function readValues(signature: string, bytes: Buffer, littleEndian: boolean): unknown[] {
  const reader = new Reader(bytes, littleEndian);
  return typesOf(signature).map((type) => reader.read(type));
}

/** The complete types of a signature: "sa{sv}i" has "s", "a{sv}" and "i". */
export function typesOf(signature: string): string[] {
  const types: string[] = [];
  for (let at = 0; at < signature.length;) {
    const end = endOfType(signature, at);
    types.push(signature.slice(at, end));
    at = end;
  }
  return types;
}

function endOfType(signature: string, start: number): number {
  let at = start;
  while (signature[at] === "a") at++;
  const close = { "(": ")", "{": "}" }[signature[at] ?? ""];
  if (close === undefined) {
    if (at >= signature.length) throw new Error(`a D-Bus signature ends early: ${signature}`);
    return at + 1;
  }
  at++;
  while (signature[at] !== close) at = endOfType(signature, at);
  return at + 1;
}

/** Bytes that a value of a fixed size takes, which is also what it is aligned to. */
const SIZES: Record<string, number> = { y: 1, n: 2, q: 2, b: 4, i: 4, u: 4, h: 4, x: 8, t: 8, d: 8 };

function alignmentOf(type: string): number {
  switch (type[0]) {
    case "(":
    case "{":
      return 8;
    case "s":
    case "o":
    case "a":
      return 4;
    case "g":
    case "v":
      return 1;
    default:
      return SIZES[type] ?? unknownType(type);
  }
}

class Writer {
  readonly #parts: Buffer[] = [];
  #at = 0;

  write(type: string, value: unknown): void {
    this.#align(alignmentOf(type));
    switch (type[0]) {
      case "s":
      case "o":
        return this.#text(String(value), "u");
      case "g":
        return this.#text(String(value), "y");
      case "v": {
        const variant = value as Variant;
        this.write("g", variant.type);
        return this.write(variant.type, variant.value);
      }
      case "a":
        return this.#array(type.slice(1), value as unknown[]);
      case "(":
      case "{":
        return typesOf(type.slice(1, -1)).forEach((one, n) => this.write(one, (value as unknown[])[n]));
      default:
        return this.#push(fixedBytes(type, value));
    }
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #text(text: string, lengthType: string): void {
    const bytes = Buffer.from(`${text}\0`);
    this.#push(fixedBytes(lengthType, bytes.length - 1));
    this.#push(bytes);
  }

  #array(type: string, items: unknown[]): void {
    const length = Buffer.alloc(4);
    this.#push(length);
    // The padding before the first item is not part of the length.
    this.#align(alignmentOf(type));
    const start = this.#at;
    for (const item of items) this.write(type, item);
    length.writeUInt32LE(this.#at - start);
  }

  #align(to: number): void {
    const rest = this.#at % to;
    if (rest > 0) this.#push(Buffer.alloc(to - rest));
  }

  #push(bytes: Buffer): void {
    this.#parts.push(bytes);
    this.#at += bytes.length;
  }
}

function fixedBytes(type: string, value: unknown): Buffer {
  const bytes = Buffer.alloc(SIZES[type] ?? unknownType(type));
  const number = value as number;
  switch (type) {
    case "y":
      bytes.writeUInt8(number);
      break;
    case "n":
      bytes.writeInt16LE(number);
      break;
    case "q":
      bytes.writeUInt16LE(number);
      break;
    case "b":
      bytes.writeUInt32LE(value === true ? 1 : 0);
      break;
    case "i":
      bytes.writeInt32LE(number);
      break;
    case "x":
      bytes.writeBigInt64LE(value as bigint);
      break;
    case "t":
      bytes.writeBigUInt64LE(value as bigint);
      break;
    case "d":
      bytes.writeDoubleLE(number);
      break;
    default:
      bytes.writeUInt32LE(number);
  }
  return bytes;
}

class Reader {
  readonly #bytes: Buffer;
  readonly #littleEndian: boolean;
  #at = 0;

  constructor(bytes: Buffer, littleEndian: boolean) {
    this.#bytes = bytes;
    this.#littleEndian = littleEndian;
  }

  read(type: string): unknown {
    this.#align(alignmentOf(type));
    switch (type[0]) {
      case "s":
      case "o":
        return this.#text(this.read("u") as number);
      case "g":
        return this.#text(this.read("y") as number);
      case "v": {
        const [inner = "", ...more] = typesOf(this.read("g") as string);
        if (more.length > 0) throw new Error("a D-Bus variant has more than one value");
        return { type: inner, value: this.read(inner) } satisfies Variant;
      }
      case "a":
        return this.#array(type.slice(1), this.read("u") as number);
      case "(":
      case "{":
        return typesOf(type.slice(1, -1)).map((one) => this.read(one));
      default:
        return this.#fixed(type, this.#take(SIZES[type] ?? unknownType(type)));
    }
  }

  #text(length: number): string {
    return this.#take(length + 1).toString("utf8", 0, length);
  }

  #array(type: string, length: number): unknown[] {
    this.#align(alignmentOf(type));
    const end = this.#at + length;
    const items: unknown[] = [];
    while (this.#at < end) items.push(this.read(type));
    return items;
  }

  #fixed(type: string, bytes: Buffer): unknown {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const little = this.#littleEndian;
    switch (type) {
      case "y":
        return view.getUint8(0);
      case "n":
        return view.getInt16(0, little);
      case "q":
        return view.getUint16(0, little);
      case "b":
        return view.getUint32(0, little) !== 0;
      case "i":
        return view.getInt32(0, little);
      case "x":
        return view.getBigInt64(0, little);
      case "t":
        return view.getBigUint64(0, little);
      case "d":
        return view.getFloat64(0, little);
      default:
        return view.getUint32(0, little);
    }
  }

  #align(to: number): void {
    this.#at = Math.ceil(this.#at / to) * to;
  }

  #take(length: number): Buffer {
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    if (bytes.length < length) throw new Error("a D-Bus message ends early");
    this.#at += length;
    return bytes;
  }
}

function unknownType(type: string): never {
  throw new Error(`not a D-Bus type: ${type}`);
}
