/** `text` cut to `max` UTF-16 units, never inside a character, followed by the number of characters left out. */
export function truncated(text: string, max: number): string {
  if (text.length <= max) return text;
  const kept = text.slice(0, max).replace(/[\ud800-\udbff]$/, "");
  return `${kept}… (${text.length - kept.length} more characters)`;
}
