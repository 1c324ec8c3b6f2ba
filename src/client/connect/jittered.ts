/** `ms`, more or less: a quarter either way, so that waiting processes do not move in step. */
export function jittered(ms: number): number {
  return ms * (0.75 + Math.random() / 2);
}
