import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { app, autoUpdater, session } from "electron";
import { ElectronAppAdapter } from "electron-updater/out/ElectronAppAdapter.js";
import { startDetached } from "../../src/install/start-detached.js";
import { runningAppImage } from "../../src/install/running-appimage.js";
import { lastingArguments } from "../install/one-shot-arguments.js";
import { AppImageInOneStep } from "./app-image-updater.js";
import { FeedRequests } from "./download/feed-requests.js";
import { createFeedUpdater, type Updater } from "./feed-updater.js";
import { MacInSquirrel } from "./mac-updater.js";
import { FEED_FILE } from "./update-target.js";

/** electron-updater, in a bundle of its own that is loaded at the first check, which most starts of the app never reach. */
export function createUpdater(): Updater {
  const appImage = runningAppImage(process.env, process.execPath)?.file;
  const file = appImage ?? app.getPath("exe");
  const updater =
    process.platform === "darwin"
      ? new MacInSquirrel(autoUpdater, new ElectronAppAdapter())
      : // Without the lock the new app would find this one, and quit as a second instance.
        new AppImageInOneStep(file, new ElectronAppAdapter(), () => app.releaseSingleInstanceLock());
  const requests = new FeedRequests(
    (url, init) => session.fromPartition("updates", { cache: false }).fetch(url, init),
    appImage === undefined ? undefined : dirname(appImage),
  );
  return createFeedUpdater({ updater, requests, target: { host: feedHost(), file }, start });
}

async function start(file: string): Promise<void> {
  try {
    await startDetached(file, lastingArguments(process.argv.slice(1)));
  } catch (error) {
    app.requestSingleInstanceLock();
    throw new Error(`The update was installed, but ${(error as Error).message}.`, { cause: error });
  }
}

/** For messages; electron-updater reads the same file for itself. */
function feedHost(): string {
  const config = readFileSync(join(process.resourcesPath, FEED_FILE), "utf8");
  const url = /^url: *['"]?([^\s'"]+)/m.exec(config)?.[1] ?? "";
  return URL.canParse(url) ? new URL(url).host : "the update server";
}
