import { existsSync } from "node:fs";
import { join } from "node:path";
import type { App } from "electron";
import { distributionAt, type Distribution } from "../../src/install/distribution.js";
import { runningAppImage } from "../../src/install/running-appimage.js";
import { updateSupport, type UpdateSupport } from "./update-support.js";

/** In the packaged app's resources, if a feed was set. */
export const FEED_FILE = "app-update.yml";

/** Whether the running app can update itself. */
export function ownUpdateSupport(app: App): UpdateSupport {
  const hasFeed = app.isPackaged && existsSync(join(process.resourcesPath, FEED_FILE));
  return updateSupport(ownDistribution(app), hasFeed);
}

/** The AppImage, or the app's binary. */
export function ownFile(app: App): string {
  return runningAppImage(process.env, process.execPath)?.file ?? app.getPath("exe");
}

function ownDistribution(app: App): Distribution {
  if (!app.isPackaged) return { is: "checkout" };
  // $APPIMAGE alone is not enough: an editor's AppImage may have started this app, and must not be replaced.
  const running = runningAppImage(process.env, process.execPath);
  return distributionAt(join(process.resourcesPath, "lockstep"), running?.file);
}
