/** `1 call`, `2 calls`, `12,345 calls`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** The same where there is little room: `1.1M calls`. */
export function countedCompactly(count: number, one: string, many = `${one}s`): string {
  return `${compact(count)} ${count === 1 ? one : many}`;
}

/** `12,345` */
export function grouped(value: number): string {
  // Without Intl: its first formatter costs the window four megabytes.
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Where there is little room: exact up to `99,999`, then `102k`, `1.1M`, `1.6B`. */
export function compact(value: number): string {
  if (value < 1e5) return grouped(value);
  const [size, unit] = value < 1e6 ? [1e3, "k"] : value < 1e9 ? [1e6, "M"] : [1e9, "B"];
  const scaled = value / size;
  return `${scaled < 10 ? (Math.floor(scaled * 10) / 10).toFixed(1) : grouped(Math.floor(scaled))}${unit}`;
}
