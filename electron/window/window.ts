import { screen, type BrowserWindow, type Session } from "electron";
import type { TrayIcon } from "../tray/tray.js";
import { createOrdinaryWindow } from "./ordinary-window.js";
import type { Point } from "./placement.js";
import { createPopover } from "./popover.js";
import { INDEX_URL } from "./served-file.js";

/** A popover belongs to the tray icon. An ordinary window has a frame and is in the taskbar. */
export type WindowKind = "popover" | "ordinary";

export interface WindowOptions {
  icon: TrayIcon;
  session: Session;
  preload: string;
  /** Which kind suits the desktop now; asked whenever the window is to be shown. */
  kind: () => WindowKind;
}

/** The one window, which is made when it is shown for the first time. */
export interface AppWindow {
  /** Shows it to a user who asked for it, in front and with the focus. Rejects if it can't be shown. */
  show(): Promise<void>;
  /** Hides a popover. An ordinary window stays: nothing on the desktop would bring it back. */
  hide(): void;
  /**
   * Makes the window of the kind that suits the desktop now. A popover is then shown only if the user was in the window
   * before; an ordinary window always, without the focus, since nothing else shows that the app runs.
   */
  adapt(): Promise<void>;
  /** Calls `listener` each time the window is shown. */
  onShown(listener: () => void): void;
  /** Calls `listener` each time the window is hidden. */
  onHidden(listener: () => void): void;
  /** Calls `listener` each time a window of the other kind takes the place of the one before. */
  onKind(listener: (kind: WindowKind) => void): void;
  /** Undefined until the window is shown for the first time, and once it has closed with the app. */
  browserWindow(): BrowserWindow | undefined;
}

/** One window of either kind. */
export interface Surface {
  readonly kind: WindowKind;
  readonly browserWindow: () => BrowserWindow | undefined;
  /** `behind`: without the focus. */
  show(how: "in front" | "behind"): Promise<void>;
  hide(): void;
  /** True just after the window lost the focus: a click on the icon that took it is not to show the window again. */
  wasJustLeft(): boolean;
  /** Destroys the window. */
  close(): void;
}

export interface SurfaceEvents {
  shown(): void;
  hidden(): void;
}

export function createWindow(options: WindowOptions): AppWindow {
  const listeners = {
    shown: [] as (() => void)[],
    hidden: [] as (() => void)[],
    kind: [] as ((kind: WindowKind) => void)[],
  };
  const events: SurfaceEvents = {
    shown: () => listeners.shown.forEach((listener) => listener()),
    hidden: () => listeners.hidden.forEach((listener) => listener()),
  };
  let clickedAt: Point | undefined;
  let surface: Surface | undefined;
  const suitable = (): Surface => {
    const kind = options.kind();
    if (surface?.kind === kind) return surface;
    const previous = surface?.kind ?? "popover";
    surface?.close();
    const popoverOptions = { ...options, clickedAt: () => clickedAt };
    surface = kind === "popover" ? createPopover(popoverOptions, events) : createOrdinaryWindow(options, events);
    if (kind !== previous) listeners.kind.forEach((listener) => listener(kind));
    return surface;
  };
  // One after another: showing takes as long as the page loads.
  let last: Promise<unknown> = Promise.resolve();
  const next = (act: () => Promise<void>): Promise<void> => {
    const done = last.then(act);
    last = done.catch(() => undefined);
    return done;
  };
  const orReport = (shown: Promise<void>): Promise<void> =>
    shown.catch((error: unknown) => console.error("The window can't be shown:", error));
  const show = (how: "in front" | "behind"): Promise<void> => showSurface(suitable(), how);
  options.icon.onClick(() => {
    clickedAt = screen.getCursorScreenPoint();
    if (surface?.kind === "popover" && surface.browserWindow()?.isVisible()) surface.hide();
    else if (!surface?.wasJustLeft()) void orReport(next(() => show("in front")));
  });
  return {
    show: () => next(() => show("in front")),
    hide: () => surface?.hide(),
    adapt: () =>
      orReport(
        next(async () => {
          if (surface?.kind === options.kind()) return;
          const inUse = surface?.browserWindow()?.isFocused() ?? false;
          if (options.kind() === "ordinary") await show(inUse ? "in front" : "behind");
          else if (inUse) await show("in front");
          else suitable();
        }),
      ),
    onShown: (listener) => void listeners.shown.push(listener),
    onHidden: (listener) => void listeners.hidden.push(listener),
    onKind: (listener) => void listeners.kind.push(listener),
    browserWindow: () => surface?.browserWindow(),
  };
}

async function showSurface(surface: Surface, how: "in front" | "behind"): Promise<void> {
  const contents = surface.browserWindow()?.webContents;
  if (contents?.isCrashed()) await contents.loadURL(INDEX_URL);
  await surface.show(how);
}
