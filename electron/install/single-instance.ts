import type { App } from "electron";

/**
 * One app per user. Returns false in a second one, which has told the first to show its window and is to end; the
 * first hears of it through `onSecondStart`.
 */
export function isFirstInstance(app: App, onSecondStart: (argv: string[]) => void): boolean {
  if (!app.requestSingleInstanceLock()) return false;
  app.on("second-instance", (_event, argv) => onSecondStart(argv));
  return true;
}
