import { app } from "electron";
import { openApp } from "./app.js";
import { createAppEnd, showError, WINDOW_FAILED } from "./failure/app-end.js";
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
    const isUpdate = updateSocket(process.argv) !== undefined;
    console.error(
      isUpdate
        ? "An update needs the app, and the app a display: run the command in a terminal of the desktop's session."
        : "Lockstep's window needs a display. In a terminal, `lockstep status --watch` shows the same.",
    );
    process.exit(1);
  }
  let window: Promise<AppWindow> | undefined;
  // The command line that has started the app for an update prints the line on stderr; a dialog would only be in the way.
  const end = createAppEnd(() => window === undefined && updateSocket(process.argv) !== undefined);
  const orEnd = (starting: Promise<unknown>): void => {
    starting.catch((error: unknown) => end.because("Lockstep could not start", error));
  };
  const start = async (): Promise<void> => {
    setUserDataDirectory(app);
    const updates = createUpdates(ownUpdateSupport(app), async () =>
      (await import("./update/updater.js")).createUpdater(),
    );
    const open = (): Promise<AppWindow> => (window ??= openApp(updates, end.signal));
    const onSecondStart = async (argv: readonly string[]): Promise<void> => {
      const socket = updateSocket(argv);
      if (socket === undefined) return showAgain(await open());
      const stage = (): Promise<void> => ownInstallation(app).prepare(() => undefined);
      if (await answerUpdateRequest(socket, updates, () => window !== undefined, stage)) app.quit();
      // Started for this request only, and no window was opened since.
      else if (window === undefined) app.quit();
    };
    if (!isFirstInstance(app, (argv) => orEnd(app.whenReady().then(() => onSecondStart(argv))))) {
      return installAndQuit();
    }
    declareScheme();
    // A small window of text gains nothing from the GPU, whose process costs more memory than the window.
    app.disableHardwareAcceleration();
    // Without a listener Electron quits when the window closes.
    app.on("window-all-closed", () => undefined);
    await app.whenReady();
    if (updateSocket(process.argv) === undefined) await open();
    else await onSecondStart(process.argv);
  };
  orEnd(start());
}

/** The app goes on without its window: icon and menu still work, and the next try makes a new one. */
async function showAgain(window: AppWindow): Promise<void> {
  try {
    await window.show();
  } catch (error) {
    await showError(WINDOW_FAILED, error);
  }
}

/** A second AppImage stages its runtime and quits; the running app notices it and offers to relaunch. */
async function installAndQuit(): Promise<void> {
  await ownInstallation(app).prepare(() => undefined);
  app.quit();
}
