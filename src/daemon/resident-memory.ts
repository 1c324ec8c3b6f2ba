/**
 * The memory of this process in bytes. Node reads it from /proc, which needs a descriptor and a mounted /proc; without them
 * it is the last value that could be read, or the highest that the kernel has counted.
 */
export function residentBytes(): number {
  try {
    last = process.memoryUsage.rss();
  } catch {
    last ??= process.resourceUsage().maxRSS * 1024;
  }
  return last;
}

let last: number | undefined;
