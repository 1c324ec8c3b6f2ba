/**
 * The path of the binary that runs this program, to start another from. When a package manager replaces it between its
 * start and the reading of its path, Linux appends " (deleted)"; the one in its place is the one to use then.
 */
export function ownBinary(execPath = process.execPath): string {
  return execPath.replace(/ \(deleted\)$/, "");
}
