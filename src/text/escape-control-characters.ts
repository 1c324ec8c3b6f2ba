/**
 * For text of several lines from a tool or a server: tabs and newlines stay, every other control character is written
 * out (`\u001b`), so that the text cannot control the terminal.
 */
export function escapeControlCharacters(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(/[^\P{Cc}\n\t]/gu, escapeSequence);
}

/**
 * For text that must stay on one line: every control character is written out (`\t`, `\u001b`), and so are line
 * separators and the marks that reorder text.
 */
export function escapeToOneLine(text: string): string {
  return text.replace(NOT_ON_ONE_LINE, (char) => SHORT[char] ?? escapeSequence(char));
}

const NOT_ON_ONE_LINE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const SHORT: Record<string, string> = { "\t": "\\t", "\r": "\\r", "\n": "\\n" };

function escapeSequence(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
