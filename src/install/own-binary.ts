import { basename, dirname, join } from "node:path";

/** Beside an AppImage's staged runtime: the name that the one before it has until it is removed. */
export const MOVED_ASIDE = ".fresh";

/**
 * The path of the binary that runs this program, to start another from. When it is replaced between the program's start
 * and the reading of its path, Linux appends " (deleted)", or tells where it was moved to; the one in its place is the
 * one to use then.
 */
export function ownBinary(execPath = process.execPath): string {
  const path = execPath.replace(/ \(deleted\)$/, "");
  const directory = dirname(path);
  if (!directory.endsWith(`/runtime${MOVED_ASIDE}`)) return path;
  return join(directory.slice(0, -MOVED_ASIDE.length), basename(path));
}
