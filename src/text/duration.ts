/** `3 d 4 h`, `12 min 5 s`, `0.4 s`: the two units that matter. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.floor(seconds);
  const parts = UNITS.map(([unit, size, wrap]) => [Math.floor(whole / size) % wrap, unit] as const);
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(" ");
}

const UNITS = [
  ["d", 86_400, Infinity],
  ["h", 3_600, 24],
  ["min", 60, 60],
  ["s", 1, 60],
] as const;

/** `41.3 MiB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let size = bytes;
  let unit = -1;
  while (size >= 1024 && unit < BYTE_UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${size < 100 ? size.toFixed(1) : Math.round(size)} ${BYTE_UNITS[unit] ?? ""}`;
}

const BYTE_UNITS = ["KiB", "MiB", "GiB", "TiB"] as const;
