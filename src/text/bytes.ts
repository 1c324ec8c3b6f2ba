/** `512 B`, `4.4 kB`, `41 MB`: decimal units, with a tenth below ten. */
export function bytesText(bytes: number): string {
  let size = Math.max(0, Math.round(bytes));
  let unit = 0;
  // 999,999 is 1.0 MB and not 1000 kB.
  while (Math.round(size) >= 1000 && unit < UNITS.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit > 0 && size < 9.95 ? size.toFixed(1) : Math.round(size)} ${UNITS[unit] ?? ""}`;
}

const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;
