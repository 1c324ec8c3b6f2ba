import { readFileSync } from "node:fs";
import { Menu, type MenuItemConstructorOptions, nativeImage, type NativeImage, Tray } from "electron";

/** The icon in the panel, with its tooltip and menu. */
export interface TrayLook {
  /** Path of the icon. */
  icon: string;
  tooltip: string;
  menu: MenuItemConstructorOptions[];
}

export interface TrayIcon {
  readonly tray: Tray;
  /** Changes only what differs: on some desktops setting a menu closes the open one under the pointer. */
  readonly update: (look: TrayLook) => void;
}

export function createTray(icon: string): TrayIcon {
  const tray = new Tray(imageOf(icon));
  let shown: Partial<TrayLook> = { icon };
  let menu = Menu.buildFromTemplate([]);
  if (process.platform === "darwin") {
    tray.setIgnoreDoubleClickEvents(true);
    // If the tray had a context menu, a left click would open it too.
    tray.on("right-click", () => tray.popUpContextMenu(menu));
  }
  const update = (look: TrayLook): void => {
    if (look.icon !== shown.icon) tray.setImage(imageOf(look.icon));
    if (look.tooltip !== shown.tooltip) tray.setToolTip(look.tooltip);
    if (!shown.menu || !sameMenu(look.menu, shown.menu)) {
      menu = Menu.buildFromTemplate(look.menu);
      if (process.platform === "linux") tray.setContextMenu(menu);
    }
    shown = look;
  };
  return { tray, update };
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
