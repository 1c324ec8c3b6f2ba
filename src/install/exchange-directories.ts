import { renameSync } from "node:fs";

import { exchangeNames } from "../state/platform/libc.js";

/**
 * Lets `fresh` be found as `place` from now on; what was there before is `fresh` afterwards. One step where the file
 * system can: whoever opens a file below `place` meanwhile gets the old directory's or the new one's, and whoever ends
 * in the middle leaves one of the two. Elsewhere there is none for a moment, and after a crash until somebody puts it
 * there again. `place` must exist, on the same file system.
 */
export function exchangeDirectories(fresh: string, place: string): void {
  if (exchangeNames(fresh, place)) return;
  const aside = `${fresh}.old`;
  renameSync(place, aside);
  renameSync(fresh, place);
  renameSync(aside, fresh);
}
