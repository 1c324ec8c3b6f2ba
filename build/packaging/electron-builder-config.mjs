// electron-builder's configuration, as a function of the target and of the paths of what goes into the package.

import { rmSync } from "node:fs";
import { debConfig } from "./deb.mjs";
import { dmgConfig, macConfig } from "./mac.mjs";

/** @typedef {"appimage" | "deb" | "tar.gz" | "dir" | "dmg" | "zip"} AppTarget */

/**
 * @typedef {object} BuildPaths
 * @property {string} root the source tree
 * @property {string} resources plain files beside the app: command line, daemon, man page, completions, licences
 * @property {string} out
 * @property {string} icons a directory of SIZExSIZE.png
 * @property {import("./deb-files.mjs").DebFiles} deb
 * @property {{ dist: string | undefined, version: string, standIn: boolean }} electron an unpacked Electron; without `dist` it is downloaded
 */

/**
 * Fuses of releases. The daemon and the command line are the app's binary run as Node, so that fuse stays on; all others
 * that would let the app run other code are off.
 */
export const FUSES = /** @type {const} */ ({
  runAsNode: true,
  enableCookieEncryption: true,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  loadBrowserProcessSpecificV8Snapshot: false,
  grantFileProtocolExtraPrivileges: false,
});

/** The name of the app's binary: `lockstep` alone is the command line. */
export const APP_BINARY = "lockstep-app";

/**
 * @param {AppTarget} target
 * @param {BuildPaths} paths
 * @param {{ updateUrl: string | undefined, macSigning: import("./mac.mjs").MacSigning }} options without a URL the packaged app does not update itself
 * @returns {import("electron-builder").Configuration}
 */
export function electronBuilderConfig(target, paths, { updateUrl, macSigning }) {
  const { root, resources, out, icons, deb, electron } = paths;
  return {
    appId: "dev.lockstep.app",
    productName: "Lockstep",
    copyright: "MIT licence",
    directories: { output: out, buildResources: `${root}/build/packaging` },
    ...(electron.dist === undefined ? {} : { electronDist: electron.dist }),
    electronVersion: electron.version,
    npmRebuild: false,
    // Electron's default app is not needed.
    afterExtract: ({ appOutDir }) =>
      rmSync(`${appOutDir}/resources/default_app.asar`, { recursive: true, force: true }),
    nodeGypRebuild: false,
    // Everything is bundled, except for what is in the resources.
    files: ["**/*", "!node_modules/**/*"],
    // electron-builder skips every node_modules that is not named explicitly.
    extraResources: [
      { from: resources, to: "." },
      { from: `${resources}/node_modules`, to: "node_modules" },
    ],
    asar: true,
    // Packages with a stand-in are for tests, where time matters more than size.
    compression: electron.standIn ? "store" : "normal",
    electronFuses: FUSES,
    electronLanguages: ["en-US"],
    // One channel only, so that users of a release candidate get the next release.
    detectUpdateChannel: false,
    publish: updateUrl === undefined ? null : { provider: "generic", url: updateUrl },
    toolsets: { appimage: "1.0.3" },
    linux: linuxConfig(target, icons),
    deb: debConfig(deb),
    appImage: { artifactName: "Lockstep-${version}-${arch}.AppImage" },
    mac: macConfig(target, root, macSigning),
    dmg: dmgConfig(root),
  };
}

/** @param {AppTarget} target @param {string} icons @returns {import("electron-builder").LinuxConfiguration} */
function linuxConfig(target, icons) {
  return {
    target: target === "appimage" ? "AppImage" : target,
    executableName: APP_BINARY,
    artifactName: "lockstep-${version}-linux-${arch}.${ext}",
    category: "Development",
    icon: icons,
    synopsis: "One warm MCP daemon per user, kept in step with what is installed",
    description: "Keeps the user's MCP servers warm for every agent, editor and script, and itself in step.",
    vendor: "Lockstep contributors",
    // The manifest's desktopName names the file, which is how a desktop knows whose window it shows.
    syncDesktopName: true,
    desktop: { entry: { Name: "Lockstep", Keywords: "MCP;daemon;agent;" } },
  };
}
