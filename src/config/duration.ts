const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/**
 * Parses "500ms", "90s", "10m" or "1h" to milliseconds, and "never" to Infinity; undefined for any other text. A number
 * without a unit is refused on purpose: it would be ambiguous.
 */
export function parseDuration(text: string): number | undefined {
  if (text === "never") return Infinity;
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/.exec(text.trim());
  if (!match) return undefined;
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}
