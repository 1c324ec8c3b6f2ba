/**
 * The one form in which text from outside reaches a terminal: tabs and newlines stay, every other control character
 * (C0, DEL, C1), line separator and mark that reorders text is written out (`\u001b`). Inside a JSON string that is
 * the same character. Text of several lines keeps its lines; see `toOneLine` for text that must not.
 */
export function forTerminal(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replace(/[^\P{Cc}\n\t]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, escapeSequence);
}

/** For text that must stay on one line and in its columns: tabs and line breaks are written out, too. */
export function escapeToOneLine(text: string): string {
  return text.replace(NOT_ON_ONE_LINE, (char) => SHORT[char] ?? escapeSequence(char));
}

/** For a message of several lines within one of ours: each line break becomes a blank, so that it looks like no other line. */
export function toOneLine(text: string): string {
  return escapeToOneLine(text.trim().replace(/\s*[\r\n\u2028\u2029]\s*/g, " "));
}

const NOT_ON_ONE_LINE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const SHORT: Record<string, string> = { "\t": "\\t", "\r": "\\r", "\n": "\\n" };

function escapeSequence(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
