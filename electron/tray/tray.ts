import { readFileSync } from "node:fs";
import { Menu, type MenuItemConstructorOptions, nativeImage, type NativeImage, type Rectangle, Tray } from "electron";

/** The icon in the panel, with its tooltip and menu. */
export interface TrayLook {
  /** Path of the icon. */
  icon: string;
  tooltip: string;
  menu: MenuItemConstructorOptions[];
}

export interface TrayIcon {
  /** Changes only what differs: on some desktops setting a menu closes the open one under the pointer. */
  readonly update: (look: TrayLook) => void;
  /** Calls `listener` for each click with the main button. */
  readonly onClick: (listener: () => void) => void;
  /** Where the icon is on the screen; all zeros on Linux. */
  readonly bounds: () => Rectangle;
  /** Puts the icon into a panel that came after it was made: an icon looks for a panel only once. */
  readonly renew: () => void;
  readonly destroy: () => void;
}

export function createTray(icon: string): TrayIcon {
  const listeners: (() => void)[] = [];
  const onClick = (): void => listeners.forEach((listener) => listener());
  let shown: Partial<TrayLook> = { icon };
  let menu = Menu.buildFromTemplate([]);
  let tray = newTray(icon, onClick, () => menu);
  const update = (look: TrayLook): void => {
    if (look.icon !== shown.icon) tray.setImage(imageOf(look.icon));
    if (look.tooltip !== shown.tooltip) tray.setToolTip(look.tooltip);
    if (!shown.menu || !sameMenu(look.menu, shown.menu)) {
      menu = Menu.buildFromTemplate(look.menu);
      if (process.platform === "linux") tray.setContextMenu(menu);
    }
    shown = look;
  };
  const renew = (): void => {
    tray.destroy();
    tray = newTray(shown.icon ?? icon, onClick, () => menu);
    if (shown.tooltip !== undefined) tray.setToolTip(shown.tooltip);
    if (shown.menu && process.platform === "linux") tray.setContextMenu(menu);
  };
  return {
    update,
    onClick: (listener) => void listeners.push(listener),
    bounds: () => tray.getBounds(),
    renew,
    destroy: () => tray.destroy(),
  };
}

function newTray(icon: string, onClick: () => void, menu: () => Menu): Tray {
  const tray = new Tray(imageOf(icon));
  tray.on("click", onClick);
  if (process.platform === "darwin") {
    tray.setIgnoreDoubleClickEvents(true);
    // If the tray had a context menu, a left click would open it too.
    tray.on("right-click", () => tray.popUpContextMenu(menu()));
  }
  return tray;
}

/**
 * Read through Node, which keeps the app's archive open. Given a path, Electron would open the file that is there now:
 * none after a removal, and after an upgrade an archive with other contents at that offset.
 */
function imageOf(file: string): NativeImage {
  const image = nativeImage.createFromBuffer(readFileSync(file));
  image.addRepresentation({ scaleFactor: 2, buffer: readFileSync(file.replace(/\.png$/, "@2x.png")) });
  image.setTemplateImage(file.endsWith("Template.png"));
  return image;
}

/** Compared without their click handlers: two items with equal labels run equal commands. */
function sameMenu(a: MenuItemConstructorOptions[], b: MenuItemConstructorOptions[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
