import { join } from "node:path";
import type { IconStyle } from "../settings/settings.js";
import type { Shape } from "../view/window-view.js";

/** The drawing of a state in the style that the user chose. `icons`: where the build put them. Pure. */
export function trayIconFile(icons: string, shape: Shape, style: IconStyle, platform: NodeJS.Platform): string {
  // As long as nothing is known of the daemon, it may as well be on its way in.
  const state = shape === "looking" ? "starting" : shape;
  return join(icons, `${state}-${variant(style, platform)}.png`);
}

function variant(style: IconStyle, platform: NodeJS.Platform): string {
  switch (style) {
    case "auto":
      // The menu bar of macOS draws a template in its own colour. No panel of Linux tells how light it is, so the icon
      // is coloured, which stands out from light ones and dark ones.
      return platform === "darwin" ? "Template" : "coloured";
    case "light":
    case "dark":
    case "coloured":
      return style;
  }
}
