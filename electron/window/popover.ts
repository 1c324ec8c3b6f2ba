import { EventEmitter, once } from "node:events";
import { app, type BrowserWindow, type BrowserWindowConstructorOptions, screen, type Tray } from "electron";
import { menubar } from "menubar";
import type { TrayIcon } from "../tray/tray.js";
import { placeWindow, pointer, type Point } from "./placement.js";
import { INDEX_URL } from "./served-file.js";
import { webPreferences } from "./web-preferences.js";
import type { Surface, SurfaceEvents, WindowOptions } from "./surface.js";

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

export interface PopoverOptions extends WindowOptions {
  /** The point of the panel that was clicked last. */
  clickedAt: () => Point | undefined;
}

/** The window at the tray icon: without a frame, and hidden when it loses the focus. It never closes on its own. */
export function createPopover(options: PopoverOptions, events: SurfaceEvents): Surface {
  const bar = menubar({
    tray: standInOf(options.icon),
    index: INDEX_URL,
    browserWindow: browserWindowOptions(options),
    showOnAllWorkspaces: true,
  });
  const ready = once(bar, "ready");
  let blurredAt = -Infinity;
  let endPage: NodeJS.Timeout | undefined;
  // menubar goes on referring to a destroyed window.
  const live = (): BrowserWindow | undefined => (bar.window?.isDestroyed() ? undefined : bar.window);
  const isVisible = (): boolean => live()?.isVisible() ?? false;

  // menubar places the window by the icon's bounds, which Linux does not report; x and y take precedence.
  bar.on("show", () => {
    if (process.platform !== "linux") return;
    const anchor = options.clickedAt();
    const near = anchor ?? pointer(process.env, () => screen.getCursorScreenPoint());
    const display = near ? screen.getDisplayNearestPoint(near) : screen.getPrimaryDisplay();
    bar.setOption("browserWindow", { ...bar.getOption("browserWindow"), ...placeWindow(SIZE, display, anchor) });
  });
  bar.on("before-load", () => {
    const { window } = bar;
    if (!window) return;
    events.made(window);
    keepOpen(window, () => bar.hideWindow());
    // menubar hides the window a moment after a blur, even if it was shown again meanwhile.
    window.removeAllListeners("blur");
    window.on("blur", () => {
      if (isVisible()) blurredAt = performance.now();
      setTimeout(() => isVisible() && !hasFocus(window) && bar.hideWindow(), FOCUS_SETTLES_MS);
    });
  });
  bar.on("after-show", () => {
    bar.window?.focus();
    events.shown();
  });
  bar.on("after-hide", () => {
    clearTimeout(endPage);
    endPage = setTimeout(() => !isVisible() && bar.window?.destroy(), END_PAGE_AFTER_MS);
    events.hidden();
  });
  return {
    kind: "popover",
    browserWindow: live,
    show: async () => {
      await ready;
      if (isVisible()) return bar.window?.focus();
      clearTimeout(endPage);
      await bar.showWindow();
    },
    hide: () => bar.hideWindow(),
    wasJustLeft: () => performance.now() - blurredAt < SAME_CLICK_MS,
    close: () => {
      bar.hideWindow();
      clearTimeout(endPage);
      bar.window?.destroy();
    },
  };
}

/** menubar keeps the tray that it is given, but the icon is put into another one when the panel changes. */
function standInOf(icon: TrayIcon): Tray {
  // Its click handlers are of no use: they do not take the focus into account.
  const tray = { setToolTip: () => undefined, getBounds: () => icon.bounds() };
  return Object.assign(new EventEmitter(), tray) as unknown as Tray;
}

function browserWindowOptions(options: WindowOptions): BrowserWindowConstructorOptions {
  return {
    ...SIZE,
    title: "Lockstep",
    show: false,
    frame: false,
    resizable: false,
    maximizable: false,
    minimizable: false,
    fullscreenable: false,
    skipTaskbar: true,
    webPreferences: webPreferences(options),
  };
}

function hasFocus(window: BrowserWindow): boolean {
  return window.isFocused() || window.webContents.isDevToolsFocused();
}

/** menubar drops a window that is closed; this one is hidden instead, and closes with the app only. */
function keepOpen(window: BrowserWindow, hide: () => void): void {
  // The listener that it has just added makes it forget the window; the ones before are Electron's.
  const forget = window.listeners("close").at(-1) as () => void;
  window.off("close", forget);
  window.once("closed", forget);
  const hideInstead = (event: { preventDefault(): void }): void => {
    event.preventDefault();
    hide();
  };
  window.on("close", hideInstead);
  const letClose = (): void => void window.off("close", hideInstead);
  app.once("before-quit", letClose);
  window.once("closed", () => app.off("before-quit", letClose));
}
