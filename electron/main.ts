import { app } from "electron";
import { openApp } from "./app.js";
import { ownInstallation } from "./installation.js";
import { declareScheme } from "./scheme.js";
import { isFirstInstance } from "./single-instance.js";
import { ownUpdateSupport } from "./update-place.js";
import { createUpdates } from "./updates.js";
import { secureUserData } from "./user-data.js";
import type { AppWindow } from "./window.js";

main();

/** What has to happen before Electron is ready, or instead of it. */
function main(): void {
  if (process.platform === "linux" && !process.env["DISPLAY"] && !process.env["WAYLAND_DISPLAY"]) {
    console.error("There is no display for Lockstep's window. In a terminal `lockstep status --watch` shows the same.");
    process.exit(1);
  }
  secureUserData(app);
  let window: AppWindow | undefined;
  if (!isFirstInstance(app, () => void window?.show())) {
    void installAndQuit();
    return;
  }
  declareScheme();
  // A small window of text gains nothing from the graphics card, and the process for it costs more than the window.
  app.disableHardwareAcceleration();
  // A hidden window is no reason to end.
  app.on("window-all-closed", () => undefined);
  void app.whenReady().then(async () => {
    window = await openApp(createUpdates(ownUpdateSupport(app)));
  });
}

/** An AppImage that was started beside an older one installs itself; the one that runs sees it, and offers to relaunch. */
async function installAndQuit(): Promise<void> {
  try {
    await ownInstallation(app).prepare(() => undefined);
  } catch (error) {
    console.error((error as Error).message);
  }
  app.quit();
}
