import { accessSync, constants, lstatSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "electron";

/**
 * Sets Electron's directory for its own files and the settings: `lockstep`, whatever the name of the packaged app.
 * Chromium crashes if it can't write there, so in a read-only home the directory is a temporary one.
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

/** The same for each start by this user, so that a second app finds the first; never another user's directory. */
function temporaryDirectory(): string {
  const uid = process.getuid?.() ?? 0;
  const directory = join(tmpdir(), `lockstep-app-${uid}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = lstatSync(directory);
  const isOurs = found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0;
  return isOurs ? directory : mkdtempSync(`${directory}-`);
}
