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
  /** For a desktop without tray icons: the window is in the taskbar, and stays when it loses the focus. */
  ordinary: boolean;
}

/** The one window, which is hidden and never closed while the app runs. */
export interface AppWindow {
  show(): Promise<void>;
  hide(): void;
  /** Calls `listener` each time the window is shown. */
  onShown(listener: () => void): void;
  /** Calls `listener` each time the window is hidden. */
  onHidden(listener: () => void): void;
  /** Undefined until the window is shown for the first time. */
  browserWindow(): BrowserWindow | undefined;
}

/**
 * The page of a hidden window takes a third of the app's memory, and can be drawn again from the model. Reopening within
 * 20 s keeps the page.
 */
const END_PAGE_AFTER_MS = 20_000;
const SIZE = { width: 360, height: 520 };
/** A blur event may arrive after the show that has focused the window again, ms. */
const FOCUS_SETTLES_MS = 50;
/** A click on the icon first takes the focus, which hides the window; the same click must not show it again, ms. */
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
      console.error("The window can't be shown:", error);
    }
  };
  const toggle = async (): Promise<void> => {
    anchor = screen.getCursorScreenPoint();
    if (isVisible()) bar.hideWindow();
    else if (performance.now() - blurredAt > SAME_CLICK_MS) await show();
  };

  await once(bar, "ready");
  // menubar's own click handler does not take the focus into account.
  tray.removeAllListeners("click");
  tray.removeAllListeners("double-click");
  tray.on("click", () => void toggle());
  // menubar places the window by the icon's bounds, which Linux does not report; x and y take precedence.
  bar.on("show", () => {
    if (process.platform !== "linux") return;
    const display = screen.getDisplayNearestPoint(anchor ?? screen.getCursorScreenPoint());
    bar.setOption("browserWindow", { ...bar.getOption("browserWindow"), ...placeWindow(SIZE, display, anchor) });
  });
  bar.on("after-create-window", () => {
    const { window } = bar;
    if (!window) return;
    keepOpen(window, () => bar.hideWindow());
    // menubar hides the window a moment after a blur, even if it was shown again meanwhile.
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
    // Only the renderer process ends: the window stays, and the next show loads the page again.
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

/** menubar drops a window that is closed; this one is hidden instead, and closes with the app only. */
function keepOpen(window: BrowserWindow, hide: () => void): void {
  window.removeAllListeners("close");
  const hideInstead = (event: { preventDefault(): void }): void => {
    event.preventDefault();
    hide();
  };
  window.on("close", hideInstead);
  app.on("before-quit", () => window.off("close", hideInstead));
}
