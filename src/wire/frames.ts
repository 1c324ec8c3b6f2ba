/** The longest frame that either side accepts, without its newline. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/** The received bytes are not an MCP frame. A socket ends at that; a reader of a server's stdout skips the line. */
export class FrameError extends Error {
  /** JSON-RPC's code: -32700 the bytes are not JSON, -32600 they are JSON but not one JSON-RPC 2.0 message. */
  readonly rpcCode: -32700 | -32600;

  constructor(message: string, options: { rpcCode?: -32700 | -32600; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "FrameError";
    this.rpcCode = options.rpcCode ?? -32700;
  }
}

/** A message is too long to be sent, so it never left this process. The connection and everything else on it go on. */
export class MessageTooLongError extends Error {
  readonly delivered = false;

  constructor(bytes: number) {
    super(`A message of ${bytes} bytes was not sent, since it is ${limitText()}`);
    this.name = "MessageTooLongError";
  }
}

/** Throws MessageTooLongError for a frame that the other side would refuse, and end the connection for. */
export function requireFrameLength(frame: string | Buffer): void {
  // A character has at most three bytes of UTF-8 for each unit of its length.
  if (frame.length * 3 <= MAX_FRAME_BYTES) return;
  const bytes = typeof frame === "string" ? Buffer.byteLength(frame) : frame.length;
  if (bytes > MAX_FRAME_BYTES) throw new MessageTooLongError(bytes);
}

function limitText(): string {
  return (
    `longer than the limit of ${MAX_FRAME_BYTES / 1024 / 1024} MiB (${MAX_FRAME_BYTES} bytes per line). ` +
    `Send large data in parts, or pass a path or a resource link instead of the content.`
  );
}

/** Cuts a byte stream into frames. An exception of `push` ends the stream. */
export interface FrameCutter {
  push(chunk: Buffer): void;
  /** No more bytes follow. */
  end?(): void;
  /** Bytes of an incomplete frame. */
  readonly pendingBytes: number;
}

/**
 * Cuts a byte stream into frames: one JSON object per line, however the stream was split on its way. Emits each line
 * without its line end, and skips blank lines as well as PreviewsMCP's raw heartbeats, which come between frames and
 * have no newline.
 */
export class FrameDecoder implements FrameCutter {
  readonly #onFrame: (raw: Buffer) => void;
  readonly #onHeartbeat: (() => void) | undefined;
  /** The parts of a frame without its newline so far; joined once, when the newline comes. */
  #parts: Buffer[] = [];
  #partsBytes = 0;
  /** How many of the last parts have not been joined yet. */
  #looseParts = 0;
  /** How many bytes of a raw heartbeat were received. Up to 4, they may still be the (broken) start of a frame. */
  #heartbeatBytes = 0;

  constructor(onFrame: (raw: Buffer) => void, onHeartbeat?: () => void) {
    this.#onFrame = onFrame;
    this.#onHeartbeat = onHeartbeat;
  }

  /** Bytes of an incomplete frame. More than 0 when the stream ends means that the frame was cut off. */
  get pendingBytes(): number {
    return this.#partsBytes + this.#heartbeatBytes;
  }

  /** Takes the next bytes. Keeps the chunk without copying it. Throws FrameError for a frame over MAX_FRAME_BYTES. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#partsBytes === 0) {
        const behind = this.#takeHeartbeat(chunk, at);
        if (behind !== at) {
          at = behind;
          continue;
        }
      }
      const newline = chunk.indexOf(0x0a, at);
      const end = newline === -1 ? chunk.length : newline;
      this.#keep(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end));
      if (newline === -1) return;
      this.#finishFrame();
      at = newline + 1;
    }
  }

  /** Skips the bytes of a raw heartbeat at `at`, if there is one, and returns the offset behind them. */
  #takeHeartbeat(chunk: Buffer, at: number): number {
    while (at < chunk.length) {
      const seen = this.#heartbeatBytes;
      if (seen < HEARTBEAT_MAGIC.length && chunk[at] !== HEARTBEAT_MAGIC[seen]) {
        // Not a heartbeat after all: these bytes begin a frame.
        if (seen > 0) {
          this.#heartbeatBytes = 0;
          this.#keep(Buffer.from(HEARTBEAT_MAGIC.slice(0, seen)));
        }
        return at;
      }
      at++;
      this.#heartbeatBytes = (seen + 1) % HEARTBEAT_BYTES;
      if (this.#heartbeatBytes === 0) this.#onHeartbeat?.();
    }
    return at;
  }

  #keep(part: Buffer): void {
    const bytes = this.#partsBytes + part.length;
    if (bytes > MAX_FRAME_BYTES) {
      this.#parts = [];
      this.#partsBytes = 0;
      throw new FrameError(`A message is ${limitText()}`);
    }
    if (part.length === 0) return;
    this.#parts.push(part);
    this.#partsBytes = bytes;
    if (++this.#looseParts === LOOSE_PARTS) this.#joinLooseParts();
  }

  /** Each part costs over 100 bytes beside its own, of which there may be only one: the other side decides on that. */
  #joinLooseParts(): void {
    const parts = this.#parts.splice(-LOOSE_PARTS);
    const bytes = parts.reduce((sum, { length }) => sum + length, 0);
    if (bytes < LOOSE_PARTS * SMALL_PART_BYTES) this.#parts.push(Buffer.concat(parts, bytes));
    else this.#parts.push(...parts);
    this.#looseParts = 0;
  }

  #finishFrame(): void {
    const [first] = this.#parts;
    if (first === undefined) return;
    this.#looseParts = 0;
    let raw = this.#parts.length === 1 ? first : Buffer.concat(this.#parts, this.#partsBytes);
    this.#parts = [];
    this.#partsBytes = 0;
    if (raw[raw.length - 1] === 0x0d) raw = raw.subarray(0, -1);
    if (raw.length > 0) this.#onFrame(raw);
  }
}

/** PreviewsMCP's transport sends U+1F493 in UTF-8, followed by a time stamp of 8 bytes. */
const HEARTBEAT_MAGIC = [0xf0, 0x9f, 0x92, 0x93];
const HEARTBEAT_BYTES = 12;

const LOOSE_PARTS = 256;
const SMALL_PART_BYTES = 1_024;
