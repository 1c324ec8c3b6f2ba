import { once } from "node:events";
import {
  app,
  type BrowserWindow,
  type BrowserWindowConstructorOptions,
  screen,
  type Session,
  type Tray,
} from "electron";
import { menubar } from "menubar";
import { placeWindow, type Point } from "./placement.js";
import { INDEX_URL } from "./served-file.js";
import { webPreferences } from "./web-preferences.js";

export interface WindowOptions {
  tray: Tray;
  session: Session;
  preload: string;
  /** Where the desktop shows no tray icon, the window is an ordinary one: in the taskbar, and not gone with the focus. */
  ordinary: boolean;
}

/** The one window: hidden, never closed, as long as the app runs. */
export interface AppWindow {
  show(): Promise<void>;
  hide(): void;
  /** Called each time the window has come to be shown. */
  onShown(listener: () => void): void;
  /** Called each time it has come to be hidden. */
  onHidden(listener: () => void): void;
  /** Undefined until it was shown for the first time. */
  browserWindow(): BrowserWindow | undefined;
}

/**
 * The page of a hidden window takes a third of the app's memory, and the main process knows all that it shows. Who comes
 * back sooner finds the view as it was left.
 */
const END_PAGE_AFTER_MS = 20_000;
const SIZE = { width: 360, height: 520 };
/** The news that the focus went may be older than the show that brought it back. */
const FOCUS_SETTLES_MS = 50;
/** A click on the icon may take the focus away first, and the window with it; then it is not to be shown again. */
const SAME_CLICK_MS = 400;

export async function createWindow(options: WindowOptions): Promise<AppWindow> {
  const { tray, ordinary } = options;
  const bar = menubar({
    tray,
    index: INDEX_URL,
    browserWindow: browserWindowOptions(options),
    showOnAllWorkspaces: !ordinary,
  });
  let anchor: Point | undefined;
  let blurredAt = -Infinity;
  let endPage: NodeJS.Timeout | undefined;
  const isVisible = (): boolean => bar.window?.isVisible() ?? false;
  const show = async (): Promise<void> => {
    if (isVisible()) return bar.window?.focus();
    clearTimeout(endPage);
    try {
      if (bar.window?.webContents.isCrashed()) await bar.window.loadURL(INDEX_URL);
      await bar.showWindow();
    } catch (error) {
      console.error("The window cannot be shown:", error);
    }
  };
  const toggle = async (): Promise<void> => {
    anchor = screen.getCursorScreenPoint();
    if (isVisible()) bar.hideWindow();
    else if (performance.now() - blurredAt > SAME_CLICK_MS) await show();
  };

  await once(bar, "ready");
  // menubar's own answer to a click forgets about the focus.
  tray.removeAllListeners("click");
  tray.removeAllListeners("double-click");
  tray.on("click", () => void toggle());
  // It shows the window by its own idea of where the icon is, which Linux does not tell; x and y overrule it.
  bar.on("show", () => {
    if (process.platform !== "linux") return;
    const display = screen.getDisplayNearestPoint(anchor ?? screen.getCursorScreenPoint());
    bar.setOption("browserWindow", { ...bar.getOption("browserWindow"), ...placeWindow(SIZE, display, anchor) });
  });
  bar.on("after-create-window", () => {
    const { window } = bar;
    if (!window) return;
    keepOpen(window, () => bar.hideWindow());
    // menubar hides it a moment after the focus went, even if it was shown again meanwhile.
    window.removeAllListeners("blur");
    if (!ordinary) {
      window.on("blur", () => {
        if (isVisible()) blurredAt = performance.now();
        setTimeout(() => isVisible() && !hasFocus(window) && bar.hideWindow(), FOCUS_SETTLES_MS);
      });
    }
  });
  bar.on("after-show", () => bar.window?.focus());
  bar.on("after-hide", () => {
    clearTimeout(endPage);
    // The window itself stays: only its process goes, and the next show loads the page anew.
    endPage = setTimeout(() => !isVisible() && bar.window?.webContents.forcefullyCrashRenderer(), END_PAGE_AFTER_MS);
  });
  return {
    show,
    hide: () => bar.hideWindow(),
    onShown: (listener) => void bar.on("after-show", listener),
    onHidden: (listener) => void bar.on("after-hide", listener),
    browserWindow: () => bar.window,
  };
}

function browserWindowOptions({ session, preload, ordinary }: WindowOptions): BrowserWindowConstructorOptions {
  return {
    ...SIZE,
    title: "Lockstep",
    show: false,
    frame: false,
    resizable: false,
    maximizable: false,
    minimizable: false,
    fullscreenable: false,
    skipTaskbar: !ordinary,
    webPreferences: webPreferences(session, preload),
  };
}

function hasFocus(window: BrowserWindow): boolean {
  return window.isFocused() || window.webContents.isDevToolsFocused();
}

/** menubar forgets a window that is asked to close; this one hides instead, and closes only with the app. */
function keepOpen(window: BrowserWindow, hide: () => void): void {
  window.removeAllListeners("close");
  const hideInstead = (event: { preventDefault(): void }): void => {
    event.preventDefault();
    hide();
  };
  window.on("close", hideInstead);
  app.on("before-quit", () => window.off("close", hideInstead));
}
