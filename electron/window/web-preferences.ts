import type { Session, WebPreferences } from "electron";

/** What the window's page may do. Some of it is the default, and is set in case the default changes. */
export function webPreferences(session: Session, preload: string): WebPreferences {
  return {
    session,
    preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webviewTag: false,
    // A file that is dropped on the window is not opened in it.
    navigateOnDragDrop: false,
    // A dictionary would be fetched from elsewhere.
    spellcheck: false,
  };
}
