import type { App } from "electron";

/**
 * One app per user. Returns false in a second one, which has to quit; `onSecondStart` is then called in the first one,
 * with the arguments of the second.
 */
export function isFirstInstance(app: App, onSecondStart: (argv: string[]) => void): boolean {
  if (!app.requestSingleInstanceLock()) return false;
  app.on("second-instance", (_event, argv) => onSecondStart(argv));
  return true;
}
