import type { App, Session, WebContents } from "electron";
import { INDEX_URL, ORIGIN } from "./served-file.js";

/** The window shows its own page and needs no permission, so everything else that a page can request is denied. */
export function denyTheRest(app: App, session: Session): void {
  app.on("web-contents-created", (_event, contents) => denyLeaving(contents));
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.on("will-download", (event) => event.preventDefault());
  session.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !isOurs(url) }));
}

/** No other page is shown: not in this window, not in a frame of it, not in a new window. */
function denyLeaving(contents: WebContents): void {
  contents.on("will-frame-navigate", (event) => event.preventDefault());
  // A navigation to about:blank does not emit will-frame-navigate, so it is undone afterwards.
  contents.on("did-navigate", (_event, url) => {
    if (url.startsWith("about:")) void contents.loadURL(INDEX_URL);
  });
  contents.setWindowOpenHandler(() => ({ action: "deny" }));
}

/** The page's own files, and the developer tools' when they are open. */
function isOurs(url: string): boolean {
  return url.startsWith(`${ORIGIN}/`) || url.startsWith("devtools:");
}
