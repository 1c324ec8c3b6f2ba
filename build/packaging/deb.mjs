// What electron-builder is told about the deb. Pure.

/** @typedef {import("./deb-files.mjs").DebFiles} DebFiles */

/** @param {DebFiles} files @returns {import("electron-builder").DebOptions} */
export function debConfig({ usr, scripts }) {
  return {
    packageName: "lockstep",
    packageCategory: "devel",
    priority: "optional",
    // What the binary is linked to and these do not bring along: GTK brings X11, Cairo, Pango, CUPS and accessibility.
    // Debian 13 and Ubuntu 24.04 renamed some; their names come first, since there the old ones may be anybody's.
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
    // Opened when they are needed. The tray's icon and menu go over the session's bus.
    recommends: ["default-dbus-session-bus | dbus-session-bus", "libnotify4", "xdg-utils"],
    afterInstall: scripts.afterInstall,
    afterRemove: scripts.afterRemove,
    fpm: [
      "--before-remove",
      scripts.beforeRemove,
      // GNOME shows no tray icons by itself. No recommendation: that would bring GNOME to those who have none.
      "--deb-suggests",
      "gnome-shell-extension-appindicator",
      `${usr}/=/usr`,
    ],
  };
}
