const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/**
 * Milliseconds of "500ms", "90s", "10m" or "1h"; Infinity for "never"; undefined when the text is no duration.
 * A bare number is refused on purpose: nobody can tell its unit.
 */
export function parseDuration(text: string): number | undefined {
  if (text === "never") return Infinity;
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/.exec(text.trim());
  if (!match) return undefined;
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}
