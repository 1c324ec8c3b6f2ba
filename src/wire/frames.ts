/** The longest frame that either side accepts, newline not counted. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/** What came over the wire is no MCP frame; the connection cannot go on. Whoever skips such frames branches on this class. */
export class FrameError extends Error {
  /** JSON-RPC's code for it: -32700 the bytes are no JSON, -32600 they are JSON but no single JSON-RPC 2.0 message. */
  readonly rpcCode: -32700 | -32600;

  constructor(message: string, options: { rpcCode?: -32700 | -32600; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "FrameError";
    this.rpcCode = options.rpcCode ?? -32700;
  }
}

/**
 * Cuts a byte stream into frames: one JSON object a line, split or joined anywhere on its way. Gives out each line
 * without its line end; blank lines are skipped. PreviewsMCP's raw heartbeats, which stand between frames and have no
 * newline of their own, are taken out and reported.
 */
export class FrameDecoder {
  readonly #onFrame: (raw: Buffer) => void;
  /** The parts of a frame whose newline has not come yet: joined once, when it comes. */
  #parts: Buffer[] = [];
  #partsBytes = 0;
  /** How many bytes of a raw heartbeat have come. Up to 4 they may still turn out to be a frame's (broken) start. */
  #heartbeatBytes = 0;

  constructor(onFrame: (raw: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  /** Bytes of an unfinished frame: more than 0 at the stream's end means that it broke off. */
  get pendingBytes(): number {
    return this.#partsBytes + this.#heartbeatBytes;
  }

  /** Takes the next bytes. The chunk is kept, not copied. Throws a FrameError when a frame grows over MAX_FRAME_BYTES. */
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

  /** Steps over bytes of a raw heartbeat, if that is what stands at `at`, and returns the offset behind them. */
  #takeHeartbeat(chunk: Buffer, at: number): number {
    while (at < chunk.length) {
      const seen = this.#heartbeatBytes;
      if (seen < HEARTBEAT_MAGIC.length && chunk[at] !== HEARTBEAT_MAGIC[seen]) {
        // Not a heartbeat after all: what was taken for one begins a frame.
        if (seen > 0) {
          this.#heartbeatBytes = 0;
          this.#keep(Buffer.from(HEARTBEAT_MAGIC.slice(0, seen)));
        }
        return at;
      }
      at++;
      this.#heartbeatBytes = (seen + 1) % HEARTBEAT_BYTES;
    }
    return at;
  }

  #keep(part: Buffer): void {
    const bytes = this.#partsBytes + part.length;
    if (bytes > MAX_FRAME_BYTES) {
      this.#parts = [];
      this.#partsBytes = 0;
      throw new FrameError(
        `A message is longer than the limit of ${MAX_FRAME_BYTES / 1024 / 1024} MiB (${MAX_FRAME_BYTES} bytes a line). ` +
          `Send large data in parts, or pass a file's path or a resource link instead of its content.`,
      );
    }
    if (part.length === 0) return;
    this.#parts.push(part);
    this.#partsBytes = bytes;
  }

  #finishFrame(): void {
    const [first] = this.#parts;
    if (first === undefined) return;
    let raw = this.#parts.length === 1 ? first : Buffer.concat(this.#parts, this.#partsBytes);
    this.#parts = [];
    this.#partsBytes = 0;
    if (raw[raw.length - 1] === 0x0d) raw = raw.subarray(0, -1);
    if (raw.length > 0) this.#onFrame(raw);
  }
}

/** PreviewsMCP's transport sends U+1F493 in UTF-8 and 8 bytes of time stamp. */
const HEARTBEAT_MAGIC = [0xf0, 0x9f, 0x92, 0x93];
const HEARTBEAT_BYTES = 12;
