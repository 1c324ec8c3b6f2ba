import { basename, dirname, join } from "node:path";

/** The suffix of the runtime that is being staged and, after the exchange, of the old one until it is removed. */
export const MOVED_ASIDE = ".fresh";

/**
 * The path of the binary that runs this program, for starting another process. If the binary is replaced between the
 * start of this process and the reading of its path, Linux appends " (deleted)" or reports where it was moved to; the
 * result is then the path of the new binary.
 */
export function ownBinary(execPath = process.execPath): string {
  const path = execPath.replace(/ \(deleted\)$/, "");
  const directory = dirname(path);
  if (!directory.endsWith(`/runtime${MOVED_ASIDE}`)) return path;
  return join(directory.slice(0, -MOVED_ASIDE.length), basename(path));
}
