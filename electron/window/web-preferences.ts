import type { Session, WebPreferences } from "electron";

export interface PageOptions {
  session: Session;
  /** Path of the preload script. */
  preload: string;
  /** Whether the developer tools can be opened. */
  devTools: boolean;
}

/** What the window's page may do. Some of it is the default, and is set in case the default changes. */
export function webPreferences({ session, preload, devTools }: PageOptions): WebPreferences {
  return {
    session,
    preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webviewTag: false,
    devTools,
    // A file that is dropped on the window is not opened in it.
    navigateOnDragDrop: false,
    // A dictionary would be fetched from elsewhere.
    spellcheck: false,
  };
}
