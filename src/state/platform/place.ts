import { readlinkSync, statSync } from "node:fs";

import type { Place } from "../../version/place.js";

/** Where a directory is; undefined if it cannot be read. */
export function placeOf(directory: string): Place | undefined {
  try {
    const { dev, ino } = statSync(directory, { bigint: true });
    return `${mountNamespace()} ${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

/** Linux: `mnt:[4026531841]`, a number that no other namespace of the machine has. */
function mountNamespace(): string {
  return process.platform === "linux" ? readlinkSync("/proc/self/ns/mnt") : "mnt";
}
