import { join } from "node:path";
import type { App } from "electron";
import { ownBinary } from "../src/index.js";

/** What the app starts its daemon from, and judges drift by. */
export interface Installation {
  /** The directory of daemon.js and build-info.json. */
  codeDir: string;
  /** The binary that runs it, told to be Node. */
  execPath: string;
}

/** A packaged app carries command line and daemon as plain files beside its archive; in a checkout all is in dist/. */
export function ownInstallation(app: App): Installation {
  const codeDir = app.isPackaged ? join(process.resourcesPath, "lockstep") : join(__dirname, "..");
  return { codeDir, execPath: ownBinary() };
}
