import { accessSync, constants, lstatSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "electron";

/**
 * Makes sure that Electron can write where it keeps its own files, without which Chromium crashes: in a home that is
 * read-only it gets a temporary directory, and settings last no longer than that.
 */
export function secureUserData(app: App): void {
  const problem = whyNotWritable(() => app.getPath("userData"));
  if (problem === undefined) return;
  const instead = temporaryDirectory();
  app.setPath("userData", instead);
  const wanted = join(app.getPath("appData"), app.name);
  console.error(`${wanted} cannot be written (${problem}); settings are kept in ${instead} until it can.`);
}

/** Electron makes the directory when it is asked for the path, or throws. */
function whyNotWritable(path: () => string): string | undefined {
  try {
    const directory = path();
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The same one for each start of this user's, so that a second app still finds the first; but nobody else's. */
function temporaryDirectory(): string {
  const uid = process.getuid?.() ?? 0;
  const directory = join(tmpdir(), `lockstep-app-${uid}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = lstatSync(directory);
  const isOurs = found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0;
  return isOurs ? directory : mkdtempSync(`${directory}-`);
}
