import { existsSync } from "node:fs";
import { join } from "node:path";
import type { App } from "electron";
import { distributionAt, type Distribution } from "../src/client/distribution.js";
import { updateSupport, type UpdateSupport } from "./app-state/update-support.js";

/** Written into the packaged app's resources when a feed was set. */
export const FEED_FILE = "app-update.yml";

/** Can this app update itself? */
export function ownUpdateSupport(app: App): UpdateSupport {
  const hasFeed = app.isPackaged && existsSync(join(process.resourcesPath, FEED_FILE));
  return updateSupport(ownDistribution(app), hasFeed);
}

function ownDistribution(app: App): Distribution {
  if (!app.isPackaged) return { is: "checkout" };
  return distributionAt(join(process.resourcesPath, "lockstep"), ownAppImage());
}

/** A program that another AppImage started, such as an editor's, has that one's variables: it must not replace it. */
function ownAppImage(): string | undefined {
  const { APPIMAGE, APPDIR } = process.env;
  return APPIMAGE && APPDIR && process.execPath.startsWith(`${APPDIR}/`) ? APPIMAGE : undefined;
}
