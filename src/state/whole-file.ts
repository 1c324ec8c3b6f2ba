import { readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";

/** Writes a file so that readers see either all of it or the old one: to a temporary file beside it, then a rename. */
export function writeWhole(path: string, content: string): void {
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, content, { mode: 0o600 });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** The file's text; undefined if it is missing or cannot be read. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Removes a file; does nothing if it is missing or cannot be removed, for instance from a disk that is read-only. */
export function unlinkIfPossible(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // A successor replaces it by rename anyway.
  }
}
