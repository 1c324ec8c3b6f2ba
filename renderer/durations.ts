/** How the heartbeat's age is written: with a tenth as long as that means something. */
export function age(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  return seconds < 9.95 ? `${seconds.toFixed(1)} s` : duration(ms);
}

/** `3 h 12 min`: the two largest units, in the same words as everywhere else. */
export function duration(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return minutes < 10 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
