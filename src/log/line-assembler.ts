import { MAX_LINE_BYTES, NEWLINE } from "./blocks.js";
import { brokenTail } from "./utf8-edges.js";

/** Turns chunks of bytes into whole lines. The last one is kept until its newline arrives. */
export class LineAssembler {
  #rest: Buffer[] = [];
  #restBytes = 0;

  /** The lines that `chunk` completes. The chunk may be overwritten afterwards. */
  push(chunk: Buffer): string[] {
    const last = chunk.lastIndexOf(NEWLINE);
    if (last === -1) {
      this.#hold(chunk);
      return this.#restBytes > MAX_LINE_BYTES ? this.#cut() : [];
    }
    const whole = Buffer.concat([...this.#take(), chunk.subarray(0, last)]);
    this.#hold(chunk.subarray(last + 1));
    return whole.toString("utf8").split("\n");
  }

  /** The incomplete last line, once no more bytes can follow. */
  flush(): string[] {
    const whole = Buffer.concat(this.#take());
    return whole.length === 0 ? [] : [whole.toString("utf8")];
  }

  /** A line without an end must not fill the memory, so it is passed on in pieces of whole characters. */
  #cut(): string[] {
    const whole = Buffer.concat(this.#take());
    const end = whole.length - brokenTail(whole);
    this.#hold(whole.subarray(end));
    return [whole.toString("utf8", 0, end)];
  }

  #hold(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#rest.push(Buffer.from(bytes));
    this.#restBytes += bytes.length;
  }

  #take(): Buffer[] {
    const rest = this.#rest;
    this.#rest = [];
    this.#restBytes = 0;
    return rest;
  }
}
