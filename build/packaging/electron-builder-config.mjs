// What electron-builder is told. Pure: where things lie comes in, its configuration goes out.

import { rmSync } from "node:fs";
import { debConfig } from "./deb.mjs";
import { dmgConfig, macConfig } from "./mac.mjs";

/** @typedef {"appimage" | "deb" | "tar.gz" | "dir" | "dmg" | "zip"} AppTarget */

/**
 * @typedef {object} Places
 * @property {string} root the source tree
 * @property {string} resources what lies beside it as plain files: command line, daemon, man page, completions, licences
 * @property {string} out
 * @property {string} icons a directory of SIZExSIZE.png
 * @property {import("./deb-files.mjs").DebFiles} deb
 * @property {{ dist: string | undefined, version: string, standIn: boolean }} electron an unpacked Electron, or none: then it is downloaded
 */

/**
 * Fuses of what is released. The daemon and the command line are the app's own binary run as Node, so that one stays
 * on; nothing else may turn the app into a tool for running other code.
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
 * @param {Places} places
 * @param {{ updateUrl: string | undefined, macSigning: import("./mac.mjs").MacSigning }} options without a URL the packaged app has no updates
 * @returns {import("electron-builder").Configuration}
 */
export function electronBuilderConfig(target, places, { updateUrl, macSigning }) {
  const { root, resources, out, icons, deb, electron } = places;
  return {
    appId: "dev.lockstep.app",
    productName: "Lockstep",
    copyright: "MIT licence",
    directories: { output: out, buildResources: `${root}/build/packaging` },
    ...(electron.dist === undefined ? {} : { electronDist: electron.dist }),
    electronVersion: electron.version,
    npmRebuild: false,
    // Electron's own example, which would only be one more thing to load.
    afterExtract: ({ appOutDir }) =>
      rmSync(`${appOutDir}/resources/default_app.asar`, { recursive: true, force: true }),
    nodeGypRebuild: false,
    // Everything is bundled; what cannot be lies in the resources.
    files: ["**/*", "!node_modules/**/*"],
    // It leaves out every node_modules but one that it is given by name.
    extraResources: [
      { from: resources, to: "." },
      { from: `${resources}/node_modules`, to: "node_modules" },
    ],
    asar: true,
    // What the stand-in makes is for tests, where seconds count more than megabytes.
    compression: electron.standIn ? "store" : "normal",
    electronFuses: FUSES,
    electronLanguages: ["en-US"],
    // There is one channel: a candidate's users get the release that follows it.
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
