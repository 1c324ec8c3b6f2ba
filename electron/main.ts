import { app } from "electron";
import { openApp } from "./app.js";
import { ownInstallation } from "./install/installation.js";
import { declareScheme } from "./window/scheme.js";
import { isFirstInstance } from "./install/single-instance.js";
import { ownUpdateSupport } from "./update/update-target.js";
import { answerUpdateRequest, updateSocket } from "./update/update-request.js";
import { createUpdates } from "./update/updates.js";
import { setUserDataDirectory } from "./install/user-data-directory.js";
import type { AppWindow } from "./window/window.js";

main();

/** What has to happen before Electron is ready, or instead of it. */
function main(): void {
  if (process.platform === "linux" && !process.env["DISPLAY"] && !process.env["WAYLAND_DISPLAY"]) {
    console.error("There is no display for Lockstep's window. In a terminal `lockstep status --watch` shows the same.");
    process.exit(1);
  }
  setUserDataDirectory(app);
  const updates = createUpdates(ownUpdateSupport(app));
  let window: Promise<AppWindow> | undefined;
  const open = (): Promise<AppWindow> => (window ??= openApp(updates));
  const onStart = async (argv: readonly string[]): Promise<void> => {
    const socket = updateSocket(argv);
    if (socket === undefined) return (await open()).show();
    const stage = (): Promise<void> => ownInstallation(app).prepare(() => undefined);
    if (await answerUpdateRequest(socket, updates, () => window !== undefined, stage)) app.quit();
    // Who was started for an update only, and has not been needed since, is done.
    else if (window === undefined) app.quit();
  };
  if (!isFirstInstance(app, (argv) => void app.whenReady().then(() => onStart(argv)))) {
    void installAndQuit();
    return;
  }
  declareScheme();
  // A small window of text gains nothing from the graphics card, and the process for it costs more than the window.
  app.disableHardwareAcceleration();
  // A hidden window is no reason to end.
  app.on("window-all-closed", () => undefined);
  void app.whenReady().then(async () => {
    if (updateSocket(process.argv) === undefined) await open();
    else await onStart(process.argv);
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
