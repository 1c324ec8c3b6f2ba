// The programs and libraries besides Node that the app and the tests need, and the packages that contain them.
import { accessSync, constants, existsSync, readFileSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { hasDisplay } from "./display.mjs";

/**
 * @typedef {"check" | "start" | "test"} Purpose
 * @typedef {object} SystemNeed
 * @property {string} name
 * @property {() => boolean} isThere
 * @property {string[]} debian names that the package has in releases of Debian and Ubuntu, the newest first
 * @property {string} [brew] without it, it is not needed on macOS
 * @property {string} why
 * @property {boolean} [app] whether the app needs it
 * @property {string[]} [tests] test files, or directories of them, that cannot run without it
 * @property {string[]} [testsInPart] test files in which some tests cannot run without it; these skip themselves
 * @property {boolean} [optional] if it is missing, everything runs all the same
 */

const TRAY = "test/e2e/tray";
const PACKAGES = ["appimage", "contents", "deb", "update-failures", "update-terminal", "update"].map(
  (name) => `test/e2e/packages/${name}.test.ts`,
);
/** No test, but it needs the same. */
export const BENCH_OF_APP = "test/bench/tray.ts";
const DEB = "test/e2e/packages/deb.test.ts";
const NPM = "test/e2e/packages/npm.test.ts";
const LOGIN = "test/unit/state/login-environment.test.ts";
const MAN_PAGE = "test/unit/cli/man-page.test.ts";
/** Tests in which the app runs, which takes a desktop. */
const WITH_DESKTOP = [TRAY, ...PACKAGES, BENCH_OF_APP];
export const WITH_ELECTRON = [...WITH_DESKTOP, "test/integration/watchdog.test.ts"];

/** @type {SystemNeed[]} */
const NEEDS = [
  ...[
    library("libgtk-3.so.0", "libgtk-3-0t64", "libgtk-3-0"),
    library("libnss3.so", "libnss3"),
    library("libasound.so.2", "libasound2t64", "libasound2"),
    library("libgbm.so.1", "libgbm1"),
  ].map((need) => ({ ...need, why: "Electron", app: true, tests: WITH_ELECTRON })),
  {
    ...library("libnotify.so.4", "libnotify4"),
    why: "Electron's notifications",
    app: true,
    testsInPart: [TRAY],
    optional: true,
  },
  { ...program("Xvfb", "xvfb"), why: "a display for the tests", tests: WITH_DESKTOP },
  {
    // Ubuntu 22.04 has it in the package dbus.
    ...program("dbus-daemon", "dbus-daemon", "dbus"),
    why: "connects the tray icon and its menu with the panel",
    tests: WITH_DESKTOP,
  },
  {
    ...program("gdbus", "libglib2.0-bin"),
    why: "reads the tray menu and clicks its items",
    tests: WITH_DESKTOP,
  },
  { ...program("openbox", "openbox"), why: "the window manager on that display", tests: WITH_DESKTOP },
  { ...program("xfce4-panel", "xfce4-panel"), why: "a panel that shows the tray icon", tests: WITH_DESKTOP },
  { ...program("xdotool", "xdotool"), why: "clicks and types on that display", tests: WITH_DESKTOP },
  {
    ...program("sway", "sway"),
    why: "a Wayland desktop without a screen",
    tests: [`${TRAY}/wayland.test.ts`],
  },
  { ...program("import", "imagemagick"), why: "takes screenshots of that display", tests: WITH_DESKTOP },
  { ...program("mksquashfs", "squashfs-tools"), why: "makes AppImages", tests: PACKAGES },
  { ...program("desktop-file-validate", "desktop-file-utils"), why: "makes AppImages", tests: PACKAGES },
  { ...program("7za", "p7zip-full"), why: "makes tar.gz packages", tests: PACKAGES },
  {
    ...program("nc", "netcat-openbsd"),
    brew: "netcat",
    // netcat-traditional is also called nc, but has no Unix sockets.
    isThere: () => {
      const path = onPath("nc");
      return path !== undefined && (process.platform !== "linux" || !realpathSync(path).endsWith("nc.traditional"));
    },
    why: "speaks to the daemon's socket as a foreign program",
    tests: ["test/e2e/lifecycle/peers.test.ts"],
  },
  {
    ...program("flock", "util-linux"),
    brew: "flock",
    why: "takes the daemon's locks as a foreign program",
    tests: [
      "test/unit/state/lock.test.ts",
      "test/e2e/lifecycle/installations.test.ts",
      "test/e2e/lifecycle/start-and-restart.test.ts",
    ],
    testsInPart: [DEB],
  },
  {
    ...program("prlimit", "util-linux"),
    why: "takes file descriptors away from a daemon",
    tests: ["test/integration/watchdog.test.ts"],
    testsInPart: ["test/e2e/lifecycle/scarcity.test.ts"],
  },
  {
    ...program("unshare", "util-linux"),
    why: "hides parts of the file system from a daemon",
    testsInPart: ["test/e2e/lifecycle/mount-namespaces.test.ts", "test/e2e/lifecycle/scarcity.test.ts", DEB],
  },
  {
    ...program("script", "bsdutils"),
    why: "runs commands in a terminal",
    tests: ["call", "hostile-text", "output", "question", "status"].map((name) => `test/e2e/cli/${name}.test.ts`),
  },
  {
    ...program("bash", "bash"),
    why: "runs commands, and completes them",
    tests: [
      ...["broken-input", "call", "call-arguments", "errors", "output"].map((name) => `test/e2e/cli/${name}.test.ts`),
      ...["installations", "mount-namespaces", "replaced-program", "start-and-restart"].map(
        (name) => `test/e2e/lifecycle/${name}.test.ts`,
      ),
      "test/unit/cli/command-table.test.ts",
    ],
    testsInPart: [NPM],
  },
  {
    ...program("git", "git"),
    why: "makes the repositories whose version is read",
    tests: ["source-version", "release", "release-homebrew"].map((name) => `test/integration/${name}.test.ts`),
  },
  { ...program("man", "man-db"), why: "shows the man page", testsInPart: [MAN_PAGE, NPM, DEB] },
  { ...program("groff", "groff"), why: "checks the man page", testsInPart: [MAN_PAGE] },
  { ...program("mandoc", "mandoc"), why: "checks the man page", testsInPart: [MAN_PAGE] },
  {
    ...program("zsh", "zsh"),
    why: "completes commands, and is a login shell",
    testsInPart: ["test/unit/cli/command-table.test.ts", LOGIN, NPM],
  },
  {
    ...program("fish", "fish"),
    why: "completes commands, and is a login shell",
    testsInPart: ["test/unit/cli/command-table.test.ts", LOGIN, NPM],
  },
  {
    // With libc's headers, which a compiler alone may lack.
    ...program("cc", "build-essential"),
    why: "compiles what sets the clock of a test, and what its file system cannot do",
    testsInPart: ["test/e2e/lifecycle/clock.test.ts", "test/unit/install/exchange-directories.test.ts"],
  },
  { ...program("gpg", "gnupg"), why: "signs a release", testsInPart: ["test/integration/release.test.ts"] },
  {
    ...program("ruby", "ruby"),
    why: "runs Homebrew's formula",
    testsInPart: ["test/integration/release-homebrew.test.ts"],
  },
];

/** What is needed for a purpose and is not there; for "test" by these test files. @param {Purpose} purpose @param {readonly string[]} files */
export function missingNeeds(purpose, files) {
  return NEEDS.filter((need) => isNeeded(need, purpose, files))
    .filter(({ brew }) => process.platform !== "darwin" || brew !== undefined)
    .filter(({ isThere }) => !isThere());
}

/** Whether all tests of a file, or some of them, cannot run without `need`. @param {SystemNeed} need @param {string} file */
export function isNeededBy({ tests = [], testsInPart = [] }, file) {
  const covers = (/** @type {string} */ path) => file === path || file.startsWith(`${path}/`);
  if (tests.some(covers)) return "whole";
  return testsInPart.some(covers) ? "part" : undefined;
}

/** @param {SystemNeed} need @param {Purpose} purpose @param {readonly string[]} files */
function isNeeded(need, purpose, files) {
  if (purpose === "check") return false;
  if (purpose === "start") return need.app === true && hasDisplay();
  return files.some((file) => isNeededBy(need, file) !== undefined);
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

/** @param {string} name @param {string[]} debian */
function program(name, ...debian) {
  return { name, debian, isThere: () => onPath(name) !== undefined };
}

/**
 * Looks in the loader's cache, which works on every distribution. Without that cache (musl, NixOS) the library counts as
 * installed.
 * @param {string} name
 * @param {string[]} debian
 */
function library(name, ...debian) {
  return { name, debian, isThere: () => loaderList()?.includes(`${name}\0`) ?? true };
}

function loaderList() {
  const file = "/etc/ld.so.cache";
  return existsSync(file) ? readFileSync(file, "latin1") : undefined;
}
