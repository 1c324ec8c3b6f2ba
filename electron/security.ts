import type { App, Session, WebContents } from "electron";

/** The window shows its own page and asks for nothing. Everything else that a page can want is denied here. */
export function denyTheRest(app: App, session: Session): void {
  app.on("web-contents-created", (_event, contents) => denyLeaving(contents));
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.on("will-download", (event) => event.preventDefault());
  // The page's own scheme does not come by here; the tools of a developer do.
  session.webRequest.onBeforeRequest(({ url }, answer) => answer({ cancel: !url.startsWith("devtools:") }));
}

/** No page but ours is ever shown: not in this window, not in a frame of it, not in a new one. */
function denyLeaving(contents: WebContents): void {
  contents.on("will-frame-navigate", (event) => event.preventDefault());
  contents.on("will-redirect", (event) => event.preventDefault());
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: "deny" }));
}
