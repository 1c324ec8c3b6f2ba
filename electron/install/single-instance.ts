import { readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "electron";

/**
 * One app per user. Returns false in a second one, which has to quit; `onSecondStart` is then called in the first one,
 * with the arguments of the second. Throws if this can't be found out.
 */
export function isFirstInstance(app: App, onSecondStart: (argv: string[]) => void): boolean {
  if (!app.requestSingleInstanceLock()) {
    if (isHeldByAnother(app.getPath("userData"))) return false;
    throw new Error(
      `the lock for one app per user could not be taken; it needs ${app.getPath("userData")} and ${tmpdir()} to be writable`,
    );
  }
  app.on("second-instance", (_event, argv) => onSecondStart(argv));
  return true;
}

/** Electron says no also where its socket can't be made. Its lock is a link to HOST-PID. */
function isHeldByAnother(userData: string): boolean {
  try {
    return !readlinkSync(join(userData, "SingletonLock")).endsWith(`-${process.pid}`);
  } catch {
    return false;
  }
}
