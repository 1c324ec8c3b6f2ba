import { Menu } from "electron";

/**
 * Electron's own menu would bring keys for quitting, reloading and the developer tools into the window. macOS takes the
 * keys for copy and paste from a menu, so the app keeps one there.
 */
export function setApplicationMenu(): void {
  const ofMac = (): Menu => Menu.buildFromTemplate([{ role: "appMenu" }, { role: "editMenu" }]);
  Menu.setApplicationMenu(process.platform === "darwin" ? ofMac() : null);
}
