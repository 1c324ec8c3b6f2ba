import { readFileSync } from "node:fs";
import { join } from "node:path";
import { app, BrowserWindow, nativeImage } from "electron";
import { INDEX_URL } from "./served-file.js";
import { webPreferences } from "./web-preferences.js";
import type { Surface, SurfaceEvents, WindowOptions } from "./surface.js";

const ICON = join(__dirname, "../icons/app/128x128.png");
const SIZE = { width: 420, height: 640, minWidth: 320, minHeight: 360 };

/**
 * The window where no tray icon leads to it: it has a frame, can be moved, resized and minimised, and is in the taskbar.
 * Closing it quits the app, as it would be out of reach otherwise; the daemon keeps running.
 */
export function createOrdinaryWindow(options: WindowOptions, events: SurfaceEvents): Surface {
  const window = new BrowserWindow({
    ...SIZE,
    title: "Lockstep",
    // Read through Node, which keeps the app's archive open when an upgrade replaces it.
    icon: nativeImage.createFromBuffer(readFileSync(ICON)),
    show: false,
    fullscreenable: false,
    webPreferences: webPreferences(options),
  });
  events.made(window);
  // All of its commands are in the page.
  window.removeMenu();
  window.on("close", () => app.quit());
  window.on("minimize", () => events.hidden());
  window.on("restore", () => events.shown());
  let loaded: Promise<void> | undefined;
  return {
    kind: "ordinary",
    browserWindow: () => (window.isDestroyed() ? undefined : window),
    show: async (how) => {
      await (loaded ??= window.loadURL(INDEX_URL));
      if (window.isMinimized()) window.restore();
      if (how === "behind") window.showInactive();
      else window.show();
      events.shown();
      if (how === "in front") window.focus();
    },
    hide: () => undefined,
    wasJustLeft: () => false,
    close: () => {
      events.hidden();
      window.destroy();
    },
  };
}
