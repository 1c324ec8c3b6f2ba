import { duplicateOver } from "../state/platform/libc.js";

/**
 * Redirects this process's stdout and stderr, where Node reports a crash, to the new log after a rotation. `fd`: the new
 * log, open for appending.
 */
export function followRotation(fd: number): void {
  try {
    duplicateOver(fd, 1);
    duplicateOver(fd, 2);
  } catch {
    // The installation with its libc binding was removed. A crash report then goes to the rotated file.
  }
}
