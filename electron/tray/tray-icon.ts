import { join } from "node:path";
import type { IconStyle } from "../settings/settings.js";
import type { Shape } from "../view/window-view.js";

/** The file of the icon for a state, in the style that the user chose. `icons`: the directory of the icons. */
export function trayIconFile(icons: string, shape: Shape, style: IconStyle, platform: NodeJS.Platform): string {
  // While nothing is known of the daemon, the icon is that of a starting one.
  const state = shape === "looking" ? "starting" : shape;
  return join(icons, `${state}-${variant(style, platform)}.png`);
}

function variant(style: IconStyle, platform: NodeJS.Platform): string {
  switch (style) {
    case "auto":
      // The menu bar of macOS draws a template in its own colour. Panels on Linux do not say how light they are, so the
      // icon is coloured, which shows on light and dark panels.
      return platform === "darwin" ? "Template" : "coloured";
    case "light":
    case "dark":
    case "coloured":
      return style;
  }
}
