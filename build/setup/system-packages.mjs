// The programs and libraries besides Node that the app and the tests need, and the packages that contain them.
import { accessSync, constants, readFileSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { hasDisplay } from "./display.mjs";

/**
 * @typedef {"check" | "start" | "test"} Purpose
 * @typedef {{ name: string, isThere: () => boolean, debian: string, brew?: string,
 *   neededFor: (purpose: Purpose) => boolean, why: string, optional?: boolean }} SystemNeed
 *   Without `brew` it is not needed on macOS. If an `optional` one is missing, the set-up continues.
 */

const toTest = (/** @type {Purpose} */ purpose) => purpose === "test";
const toRunTheApp = (/** @type {Purpose} */ purpose) => purpose === "test" || (purpose === "start" && hasDisplay());

/** @type {SystemNeed[]} */
const NEEDS = [
  {
    ...program("nc", "netcat-openbsd"),
    brew: "netcat",
    // netcat-traditional is also called nc, but has no Unix sockets.
    isThere: () => {
      const path = onPath("nc");
      return path !== undefined && (process.platform !== "linux" || !realpathSync(path).endsWith("nc.traditional"));
    },
    neededFor: toTest,
    why: "speaks to the daemon's socket as a foreign program",
  },
  {
    ...program("flock", "util-linux"),
    brew: "flock",
    neededFor: toTest,
    why: "takes the daemon's locks as a foreign program",
  },
  { ...library("libgtk-3.so.0", "libgtk-3-0"), neededFor: toRunTheApp, why: "Electron", optional: true },
  { ...library("libnss3.so", "libnss3"), neededFor: toRunTheApp, why: "Electron", optional: true },
  { ...library("libasound.so.2", "libasound2"), neededFor: toRunTheApp, why: "Electron", optional: true },
  { ...library("libgbm.so.1", "libgbm1"), neededFor: toRunTheApp, why: "Electron", optional: true },
  {
    ...library("libnotify.so.4", "libnotify4"),
    neededFor: toRunTheApp,
    why: "Electron's notifications",
    optional: true,
  },
  { ...program("Xvfb", "xvfb"), neededFor: toTest, why: "a display for the tests" },
  {
    ...program("dbus-daemon", "dbus-daemon"),
    neededFor: toTest,
    why: "connects the tray icon and its menu with the panel",
  },
  { ...program("gdbus", "libglib2.0-bin"), neededFor: toTest, why: "reads the tray menu and clicks its items" },
  { ...program("openbox", "openbox"), neededFor: toTest, why: "the window manager on that display" },
  { ...program("xfce4-panel", "xfce4-panel"), neededFor: toTest, why: "a panel that shows the tray icon" },
  { ...program("xdotool", "xdotool"), neededFor: toTest, why: "clicks and types on that display" },
  { ...program("import", "imagemagick"), neededFor: toTest, why: "takes screenshots of that display" },
  { ...program("mksquashfs", "squashfs-tools"), neededFor: toTest, why: "makes AppImages" },
  { ...program("desktop-file-validate", "desktop-file-utils"), neededFor: toTest, why: "makes AppImages" },
  { ...program("7za", "p7zip-full"), neededFor: toTest, why: "makes tar.gz packages" },
];

/** @param {Purpose} purpose */
export function missingNeeds(purpose) {
  return NEEDS.filter(({ neededFor }) => neededFor(purpose))
    .filter(({ brew }) => process.platform !== "darwin" || brew !== undefined)
    .filter(({ isThere }) => !isThere());
}

/** @param {string} command */
export function onPath(command) {
  for (const dir of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(dir, command);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not here
    }
  }
  return undefined;
}

/** @param {string} name @param {string} debian */
function program(name, debian) {
  return { name, debian, isThere: () => onPath(name) !== undefined };
}

/**
 * Looks in the loader's cache, which works on every distribution. Without that cache (musl, NixOS) the library counts as
 * installed.
 * @param {string} name
 * @param {string} debian
 */
function library(name, debian) {
  return { name, debian, isThere: () => loaderList()?.includes(`${name}\0`) ?? true };
}

function loaderList() {
  try {
    return readFileSync("/etc/ld.so.cache", "latin1");
  } catch {
    return undefined;
  }
}
