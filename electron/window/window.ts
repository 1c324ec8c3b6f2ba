import { screen, type BrowserWindow } from "electron";
import { createCrashBound } from "./crash-bound.js";
import { createOrdinaryWindow } from "./ordinary-window.js";
import { createPageStart } from "./page-start.js";
import { pointer, type Point } from "./placement.js";
import { createPopover } from "./popover.js";
import { INDEX_URL } from "./served-file.js";
import type { Surface, SurfaceEvents, WindowKind, WindowOptions } from "./surface.js";

/** A page whose process ended in sight. `again`: it was loaded again; otherwise its window was closed. */
export interface PageCrash {
  /** In Chromium's words: `crashed`, `killed`, `oom` … */
  reason: string;
  again: boolean;
  kind: WindowKind;
}

/** The one window, which is made when it is shown for the first time. */
export interface AppWindow {
  /**
   * Shows it to a user who asked for it, in front and with the focus. Rejects if it can't be made, or if its page does not
   * run after 10 s; the next call makes another window.
   */
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
  /** Calls `listener` each time a page in sight has crashed. */
  onCrash(listener: (crash: PageCrash) => void): void;
  /** To be called whenever the page asks for its view, which shows that it runs. */
  pageRuns(): void;
  /** Undefined until the window is shown for the first time, and once it has closed with the app. */
  browserWindow(): BrowserWindow | undefined;
}

export function createWindow(options: WindowOptions): AppWindow {
  const listeners = {
    shown: [] as (() => void)[],
    hidden: [] as (() => void)[],
    kind: [] as ((kind: WindowKind) => void)[],
    crash: [] as ((crash: PageCrash) => void)[],
  };
  const page = createPageStart();
  const mayLoadAgain = createCrashBound();
  const events: SurfaceEvents = {
    made: (window) => {
      page.isNew();
      window.webContents.on("render-process-gone", (_event, { reason }) => onCrash(window, reason));
    },
    shown: () => listeners.shown.forEach((listener) => listener()),
    hidden: () => listeners.hidden.forEach((listener) => listener()),
  };
  let clickedAt: Point | undefined;
  let surface: Surface | undefined;
  const drop = (): void => {
    surface?.close();
    surface = undefined;
  };
  const suitable = (): Surface => {
    const kind = options.kind();
    if (surface?.kind === kind) return surface;
    const previous = surface?.kind ?? "popover";
    drop();
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
  const orReport = (shown: Promise<void>): Promise<void> => shown.catch(options.onError);
  const show = async (how: "in front" | "behind"): Promise<void> => {
    try {
      await suitable().show(how);
      await page.runs();
    } catch (error) {
      drop();
      throw error;
    }
  };
  const onCrash = (window: BrowserWindow, reason: string): void => {
    // A window out of sight is made again when it is shown.
    if (!window.isVisible()) return drop();
    const kind = surface?.kind ?? options.kind();
    const again = mayLoadAgain(performance.now());
    if (!again) drop();
    else {
      page.isNew();
      void orReport(next(() => (window.isDestroyed() ? Promise.resolve() : window.loadURL(INDEX_URL))));
    }
    listeners.crash.forEach((listener) => listener({ reason, again, kind }));
  };
  options.icon.onClick(() => {
    clickedAt = pointer(process.env, () => screen.getCursorScreenPoint());
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
    onCrash: (listener) => void listeners.crash.push(listener),
    pageRuns: () => page.hasStarted(),
    browserWindow: () => surface?.browserWindow(),
  };
}
