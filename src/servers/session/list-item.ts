import { elementSpans, memberSpan, textAt } from "../../mcp/span.js";
import { parseSpan, replaceSpans } from "../../wire/envelope.js";
import type { Span } from "../../wire/json-scan.js";

/** An item of a server's list, as the server wrote it: its schemas may have numbers with more digits than JavaScript's. */
export class ListItem {
  readonly #raw: Buffer;

  constructor(raw: Buffer) {
    this.#raw = raw;
  }

  /** The items of the list at `list`; none when that is no array. */
  static all(raw: Buffer, list: Span | undefined): ListItem[] {
    const spans = list === undefined ? [] : elementSpans(raw, list);
    return spans.map(({ start, end }) => new ListItem(raw.subarray(start, end)));
  }

  get text(): string {
    return textAt(this.#raw, this.#whole);
  }

  /** The value of one of its members, parsed. */
  member(key: string): unknown {
    return parseSpan(this.#raw, memberSpan(this.#raw, this.#whole, key));
  }

  /** Its JSON text with another value for a member that it has. */
  textWith(key: string, value: string): string {
    const span = memberSpan(this.#raw, this.#whole, key);
    return span === undefined ? this.text : replaceSpans(this.#raw, [{ span, text: JSON.stringify(value) }]).toString();
  }

  get #whole(): Span {
    return { start: 0, end: this.#raw.length };
  }
}
