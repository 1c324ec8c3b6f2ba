import type { BrowserWindow } from "electron";
import type { TrayIcon } from "../tray/tray.js";
import type { PageOptions } from "./web-preferences.js";

/** A popover belongs to the tray icon. An ordinary window has a frame and is in the taskbar. */
export type WindowKind = "popover" | "ordinary";

export interface WindowOptions extends PageOptions {
  icon: TrayIcon;
  /** Which kind suits the desktop now; asked whenever the window is to be shown. */
  kind: () => WindowKind;
  /** A click on the icon, or a change of the desktop, could not show the window. */
  onError: (error: unknown) => void;
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
  /** A window was made; its page is not loaded yet. */
  made(window: BrowserWindow): void;
  shown(): void;
  hidden(): void;
}
