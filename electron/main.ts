import { join } from "node:path";
import { app, session } from "electron";
import { startedHidden } from "./login-item.js";
import { declareScheme, serveScheme } from "./scheme.js";
import { denyTheRest } from "./security.js";
import { isFirstInstance } from "./single-instance.js";
import { trayIconFile } from "./tray-icon.js";
import { createTray } from "./tray.js";
import { desktopShowsTray } from "./tray-host.js";
import { createWindow, type AppWindow } from "./window.js";

const PRELOAD = join(__dirname, "preload.cjs");
const RENDERER = join(__dirname, "../renderer");
const ICONS = join(__dirname, "../icons");

main();

/** What has to happen before Electron is ready, or instead of it. */
function main(): void {
  if (process.platform === "linux" && !process.env["DISPLAY"] && !process.env["WAYLAND_DISPLAY"]) {
    console.error("There is no display for Lockstep's window. In a terminal `lockstep status --watch` shows the same.");
    process.exit(1);
  }
  let window: AppWindow | undefined;
  if (!isFirstInstance(app, () => void window?.show())) {
    app.quit();
    return;
  }
  declareScheme();
  // A small window of text gains nothing from the graphics card, and the process for it costs more than the window.
  app.disableHardwareAcceleration();
  // A hidden window is no reason to end.
  app.on("window-all-closed", () => undefined);
  void app.whenReady().then(async () => {
    window = await open();
  });
}

async function open(): Promise<AppWindow> {
  // Without "persist:" it is kept in memory: the window stores nothing.
  const windowSession = session.fromPartition("window");
  denyTheRest(app, windowSession);
  serveScheme(windowSession, RENDERER);
  const icon = trayIconFile(ICONS, "looking", "auto", process.platform);
  const { tray, update } = createTray(icon);
  const ordinary = !(await desktopShowsTray());
  const window = await createWindow({ tray, session: windowSession, preload: PRELOAD, ordinary });
  update({ icon, tooltip: "Lockstep", menu: [{ label: "Open", click: () => void window.show() }] });
  if (ordinary) {
    console.error("This desktop shows no tray icons: Lockstep is in its window; a second start shows it again.");
    if (!startedHidden(app, process.argv)) await window.show();
  }
  return window;
}
