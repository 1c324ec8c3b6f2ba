import { app, dialog, type MessageBoxSyncOptions } from "electron";
import { errorText } from "./error-text.js";

/** How the app ends when it can't go on. */
export interface AppEnd {
  /** Aborted once the app ends, for whatever reason: everything that is open has to be closed then. */
  readonly signal: AbortSignal;
  /**
   * Ends the app because of `error`, with exit code 1: a line on stderr, and a dialog with `title`. Only the first call
   * acts, since later errors usually follow from the first.
   */
  because(title: string, error: unknown): void;
}

/**
 * The end of this process. An error that no code has handled ends the app, too: what it left undone is unknown, and an app
 * without icon or window would take every later start for itself. While `isQuiet` returns true no dialog is shown.
 */
export function createAppEnd(isQuiet: () => boolean): AppEnd {
  const ending = new AbortController();
  let failed = false;
  let quitting = false;
  const end = async (title: string, error: unknown, quiet: boolean): Promise<void> => {
    console.error(`${title}: ${errorText(error)}`);
    // The next start is another try of the user's, and must not be handed to this process.
    app.releaseSingleInstanceLock();
    ending.abort();
    // Electron's own exit never ends a process that is not ready yet.
    if (quiet) process.exit(1);
    await app.whenReady();
    // Nothing of the app runs on behind it.
    dialog.showMessageBoxSync(errorBox(title, errorText(error)));
    process.exit(1);
  };
  const because: AppEnd["because"] = (title, error) => {
    if (failed) return;
    failed = true;
    end(title, error, isQuiet() || quitting).catch(() => process.exit(1));
  };
  const onUnhandled = (error: unknown): void => {
    console.error(error);
    because("Lockstep ended because of an error", error);
  };
  // Without these listeners Electron shows a dialog for an exception, ignores a rejection, and goes on after both.
  process.on("uncaughtException", onUnhandled);
  process.on("unhandledRejection", onUnhandled);
  app.on("before-quit", () => void (quitting = true));
  app.on("will-quit", () => ending.abort());
  return { signal: ending.signal, because };
}

export const WINDOW_FAILED = "Lockstep’s window can’t be shown";

/** For an error that the app survives. Resolves once the user has closed the dialog. */
export async function showError(title: string, error: unknown): Promise<void> {
  console.error(`${title}: ${errorText(error)}`);
  await dialog.showMessageBox(errorBox(title, errorText(error)));
}

function errorBox(title: string, detail: string): MessageBoxSyncOptions {
  return { type: "error", title, message: title, detail, buttons: ["Close"] };
}
