/**
 * `text` with every control character written out (`\t`, `\u001b`), so that it stays on one line and cannot drive
 * the terminal that shows it. Line separators and the marks that reorder text count as control characters.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (char) => SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** `text` cut to `max` UTF-16 units, never inside a character; what was left out is counted behind it. */
export function bounded(text: string, max: number): string {
  if (text.length <= max) return text;
  const kept = text.slice(0, max).replace(/[\ud800-\udbff]$/, "");
  return `${kept}… (${text.length - kept.length} more characters)`;
}

const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const SHORT: Record<string, string> = { "\t": "\\t", "\r": "\\r", "\n": "\\n" };
