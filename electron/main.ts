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

/** Everything that happens before Electron is ready: the single instance, and a start for an update only. */
function main(): void {
  if (process.platform === "linux" && !process.env["DISPLAY"] && !process.env["WAYLAND_DISPLAY"]) {
    console.error("Lockstep's window needs a display. In a terminal, `lockstep status --watch` shows the same.");
    process.exit(1);
  }
  setUserDataDirectory(app);
  const updates = createUpdates(ownUpdateSupport(app), async () =>
    (await import("./update/updater.js")).createUpdater(),
  );
  let window: Promise<AppWindow> | undefined;
  const open = (): Promise<AppWindow> => (window ??= openApp(updates));
  const onStart = async (argv: readonly string[]): Promise<void> => {
    const socket = updateSocket(argv);
    if (socket === undefined) return (await open()).show();
    const stage = (): Promise<void> => ownInstallation(app).prepare(() => undefined);
    if (await answerUpdateRequest(socket, updates, () => window !== undefined, stage)) app.quit();
    // Started for this request only, and no window was opened since.
    else if (window === undefined) app.quit();
  };
  if (!isFirstInstance(app, (argv) => void app.whenReady().then(() => onStart(argv)))) {
    void installAndQuit();
    return;
  }
  declareScheme();
  // A small window of text gains nothing from the GPU, whose process costs more memory than the window.
  app.disableHardwareAcceleration();
  // Without a listener Electron quits when the window closes.
  app.on("window-all-closed", () => undefined);
  void app.whenReady().then(async () => {
    if (updateSocket(process.argv) === undefined) await open();
    else await onStart(process.argv);
  });
}

/** A second AppImage stages its runtime and quits; the running app notices it and offers to relaunch. */
async function installAndQuit(): Promise<void> {
  try {
    await ownInstallation(app).prepare(() => undefined);
  } catch (error) {
    console.error((error as Error).message);
  }
  app.quit();
}
