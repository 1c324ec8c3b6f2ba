import { MAX_FRAME_BYTES } from "../../../wire/frames.js";

/** One server-sent event. `data`: the lines joined by a line feed. */
export interface ServerSentEvent {
  type: string;
  data: Buffer;
}

/**
 * Reads a stream of server-sent events (HTML standard, 9.2.6), however it was divided on its way. The data stay bytes.
 * An event with more data than a frame may have is reported to `onTooLarge` instead.
 */
export class EventDecoder {
  readonly #onEvent: (event: ServerSentEvent) => void;
  readonly #onTooLarge: () => void;
  #line: Buffer[] = [];
  #lineBytes = 0;
  #data: Buffer[] = [];
  #dataBytes = 0;
  #type = "";
  #hasData = false;
  #isTooLarge = false;
  #isFirstLine = true;
  /** The last byte was a CR, and an LF that follows belongs to it. */
  #afterReturn = false;

  /** The last event's ID, with which the stream can be resumed. */
  lastId: string | undefined;
  /** How long the server asks to wait before the stream is resumed, ms. */
  retryMs: number | undefined;

  constructor(onEvent: (event: ServerSentEvent) => void, onTooLarge: () => void) {
    this.#onEvent = onEvent;
    this.#onTooLarge = onTooLarge;
  }

  /** Bytes of an event that is not complete yet. */
  get keptBytes(): number {
    return this.#isTooLarge ? 0 : this.#lineBytes + this.#dataBytes;
  }

  push(chunk: Buffer): void {
    let at = 0;
    let feed = -2;
    let carriage = -2;
    while (at < chunk.length) {
      if (this.#afterReturn) {
        this.#afterReturn = false;
        if (chunk[at] === LF && ++at === chunk.length) return;
      }
      if (feed !== -1 && feed < at) feed = chunk.indexOf(LF, at);
      if (carriage !== -1 && carriage < at) carriage = chunk.indexOf(CR, at);
      const end = feed === -1 || (carriage !== -1 && carriage < feed) ? carriage : feed;
      this.#keep(chunk.subarray(at, end === -1 ? chunk.length : end));
      if (end === -1) return;
      this.#afterReturn = chunk[end] === CR;
      this.#onLine();
      at = end + 1;
    }
  }

  #keep(part: Buffer): void {
    this.#lineBytes += part.length;
    if (this.#lineBytes + this.#dataBytes > MAX_EVENT_BYTES) this.#isTooLarge = true;
    if (this.#isTooLarge) this.#line = [];
    else if (part.length > 0) this.#line.push(part);
  }

  #onLine(): void {
    let line = this.#line.length === 1 ? this.#line[0]! : Buffer.concat(this.#line);
    const isBlank = this.#lineBytes === 0;
    this.#line = [];
    this.#lineBytes = 0;
    if (isBlank) return this.#dispatch();
    if (this.#isFirstLine && line.subarray(0, 3).equals(BOM)) line = line.subarray(3);
    this.#isFirstLine = false;
    const colon = line.indexOf(COLON);
    if (colon === 0 || this.#isTooLarge) return; // A comment, which servers send to keep the connection open.
    const value =
      colon === -1 ? line.subarray(line.length) : line.subarray(colon + (line[colon + 1] === SPACE ? 2 : 1));
    switch (line.toString("utf8", 0, colon === -1 ? line.length : colon)) {
      case "data":
        if (this.#hasData) this.#data.push(NEW_LINE);
        this.#data.push(value);
        this.#dataBytes += value.length + 1;
        this.#hasData = true;
        return;
      case "event":
        this.#type = value.toString();
        return;
      case "id":
        if (!value.includes(0)) this.lastId = value.toString();
        return;
      case "retry":
        if (/^\d+$/.test(value.toString("latin1"))) this.retryMs = Number(value.toString("latin1"));
    }
  }

  #dispatch(): void {
    const event = { type: this.#type, data: this.#data.length === 1 ? this.#data[0]! : Buffer.concat(this.#data) };
    const isTooLarge = this.#isTooLarge;
    this.#data = [];
    this.#dataBytes = 0;
    this.#type = "";
    this.#hasData = false;
    this.#isTooLarge = false;
    if (isTooLarge) this.#onTooLarge();
    else if (event.data.length > 0) this.#onEvent(event);
  }
}

/** The lines of an event have field names and line ends in addition to its data. */
const MAX_EVENT_BYTES = MAX_FRAME_BYTES + 1024;

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const NEW_LINE = Buffer.from("\n");
