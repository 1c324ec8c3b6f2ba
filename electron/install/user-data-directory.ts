import { accessSync, constants, lstatSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "electron";

/**
 * Gives Electron a directory for its own files and the settings: `lockstep`, whatever the app is called where it was
 * packaged. Chromium crashes where it cannot write, so in a home that is read-only it gets a temporary one.
 */
export function setUserDataDirectory(app: App): void {
  const wanted = join(app.getPath("appData"), "lockstep");
  const problem = whyNotWritable(wanted);
  const directory = problem === undefined ? wanted : temporaryDirectory();
  app.setPath("userData", directory);
  if (problem === undefined) return;
  console.error(`${wanted} cannot be written (${problem}); settings are kept in ${directory} until it can.`);
}

function whyNotWritable(directory: string): string | undefined {
  try {
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
