import type { FrameCutter } from "../../wire/frames.js";
import { MAX_FRAME_BYTES } from "../../wire/frames.js";
import type { OverlongLine } from "./channel.js";

/** How much of the beginning and of the end of an overlong line is kept, bytes. */
const KEPT_BYTES = 16 * 1024;

/**
 * Cuts a hosted server's output into lines, without line ends and blank lines. Programs print all kinds of text there, so
 * every byte belongs to some line, and one that is longer than a frame may be is skipped: it must not end the server,
 * which may serve many clients.
 */
export class OutputLines implements FrameCutter {
  readonly #onLine: (raw: Buffer) => void;
  readonly #onOverlong: (line: OverlongLine) => void;
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Set while the rest of an overlong line is being skipped. */
  #overlong: OverlongLine | undefined;

  constructor(onLine: (raw: Buffer) => void, onOverlong: (line: OverlongLine) => void) {
    this.#onLine = onLine;
    this.#onOverlong = onOverlong;
  }

  get pendingBytes(): number {
    return this.#bytes;
  }

  /** Takes the next bytes. Keeps the chunk without copying it. */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      const newline = chunk.indexOf(0x0a, at);
      const end = newline === -1 ? chunk.length : newline;
      this.#keep(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end));
      if (newline === -1) return;
      this.#finish();
      at = newline + 1;
    }
  }

  /** The output has ended. Some programs leave out the last line's end; half a message stays pending. */
  end(): void {
    const last = this.#parts.at(-1)?.toString("latin1").trimEnd().at(-1);
    if (last === "}" || last === "]") this.#finish();
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    if (this.#overlong !== undefined) {
      this.#overlong.tail = lastBytes([this.#overlong.tail, part]);
      return;
    }
    this.#parts.push(part);
    this.#bytes += part.length;
    if (this.#bytes <= MAX_FRAME_BYTES) return;
    const head = Buffer.concat(this.#parts, Math.min(this.#bytes, KEPT_BYTES));
    this.#overlong = { head, tail: lastBytes(this.#parts) };
    this.#forget();
  }

  #finish(): void {
    const overlong = this.#overlong;
    if (overlong !== undefined) {
      this.#overlong = undefined;
      return this.#onOverlong(overlong);
    }
    const [first] = this.#parts;
    if (first === undefined) return;
    let raw = this.#parts.length === 1 ? first : Buffer.concat(this.#parts, this.#bytes);
    this.#forget();
    if (raw[raw.length - 1] === 0x0d) raw = raw.subarray(0, -1);
    if (raw.length > 0) this.#onLine(raw);
  }

  #forget(): void {
    this.#parts = [];
    this.#bytes = 0;
  }
}

/** A copy of the last bytes of these parts, so that the parts themselves need not be kept. */
function lastBytes(parts: readonly Buffer[]): Buffer {
  const last: Buffer[] = [];
  for (let index = parts.length - 1, missing = KEPT_BYTES; index >= 0 && missing > 0; index--) {
    const part = parts[index]?.subarray(-missing) ?? Buffer.alloc(0);
    missing -= part.length;
    last.unshift(part);
  }
  return Buffer.concat(last);
}
