/** A tool's text must not drive the terminal that shows it: control characters but tab and newline are written out. */
export function harmless(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replace(/[^\P{Cc}\n\t]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
