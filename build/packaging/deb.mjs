// electron-builder's configuration for the deb.

/** @typedef {import("./deb-files.mjs").DebFiles} DebFiles */

/** @param {DebFiles} files @returns {import("electron-builder").DebOptions} */
export function debConfig({ usr, scripts }) {
  return {
    packageName: "lockstep",
    packageCategory: "devel",
    priority: "optional",
    // The libraries that the binary is linked to, except those that GTK depends on: X11, Cairo, Pango, CUPS and
    // accessibility. Debian 13 and Ubuntu 24.04 renamed some; the new names come first, since there another package may
    // provide the old ones.
    depends: [
      "libc6 (>= 2.31)",
      "libgtk-3-0t64 | libgtk-3-0",
      "libnss3 (>= 3.26)",
      "libgbm1",
      "libasound2t64 | libasound2",
      "libdbus-1-3",
      "libexpat1",
      "libudev1",
    ],
    // Loaded when they are needed. The tray icon and its menu use the session bus.
    recommends: ["default-dbus-session-bus | dbus-session-bus", "libnotify4", "xdg-utils"],
    afterInstall: scripts.afterInstall,
    afterRemove: scripts.afterRemove,
    fpm: [
      "--before-remove",
      scripts.beforeRemove,
      // GNOME shows tray icons only with this extension. Only suggested, since recommending it would install GNOME.
      "--deb-suggests",
      "gnome-shell-extension-appindicator",
      `${usr}/=/usr`,
    ],
  };
}
