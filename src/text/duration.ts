/** `12 min 5 s`, `3 h`, `0 s`: the two largest units in whole numbers, rounded down; zeros are left out. */
export function durationText(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const parts = UNITS.map(([unit, size, wrap]) => [Math.floor(seconds / size) % wrap, unit] as const);
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first === -1) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(" ");
}

/** For measurements and time limits: `12 ms`, `1.9 s`, `8 s`; from ten seconds on as `durationText`. */
export function exactDurationText(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  return ms < EXACT_BELOW_MS ? `${Math.floor(ms / 100) / 10} s` : durationText(ms);
}

/** For an age that is counted on screen: `0.0 s`, `8.0 s`, always with the tenth, so that its width does not jump. */
export function ageText(ms: number): string {
  return ms < EXACT_BELOW_MS ? `${(Math.floor(Math.max(0, ms) / 100) / 10).toFixed(1)} s` : durationText(ms);
}

/** Beyond this, a tenth of a second says nothing. */
const EXACT_BELOW_MS = 10_000;

const UNITS = [
  ["d", 86_400, Infinity],
  ["h", 3_600, 24],
  ["min", 60, 60],
  ["s", 1, 60],
] as const;
