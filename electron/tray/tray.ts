import { readFileSync } from "node:fs";
import { Menu, type MenuItemConstructorOptions, nativeImage, type NativeImage, Tray } from "electron";

/** What the icon in the panel is to look like, and its menu. */
export interface TrayLook {
  /** Path of the icon. */
  icon: string;
  tooltip: string;
  menu: MenuItemConstructorOptions[];
}

export interface TrayIcon {
  readonly tray: Tray;
  /** Changes what differs and nothing else: a menu that is set anew closes under the user's pointer on some desktops. */
  readonly update: (look: TrayLook) => void;
}

export function createTray(icon: string): TrayIcon {
  const tray = new Tray(imageOf(icon));
  let shown: Partial<TrayLook> = { icon };
  let menu = Menu.buildFromTemplate([]);
  if (process.platform === "darwin") {
    tray.setIgnoreDoubleClickEvents(true);
    // With a context menu of its own, a click of the left button would open that too.
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
 * Read by Node, which keeps the app's archive open. By the path Electron would open whatever is there by now: nothing
 * after a removal, and after an upgrade an archive in which something else stands at that place.
 */
function imageOf(file: string): NativeImage {
  const image = nativeImage.createFromBuffer(readFileSync(file));
  image.addRepresentation({ scaleFactor: 2, buffer: readFileSync(file.replace(/\.png$/, "@2x.png")) });
  image.setTemplateImage(file.endsWith("Template.png"));
  return image;
}

/** Do they look and work alike? What a click does follows from what an item says. */
function sameMenu(a: MenuItemConstructorOptions[], b: MenuItemConstructorOptions[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
