import { readFileSync } from "node:fs";
import { access, constants, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { app, session } from "electron";
import { AppImageUpdater, MacUpdater } from "electron-updater";
import { ElectronHttpExecutor } from "electron-updater/out/electronHttpExecutor.js";
import { startDetached } from "../../src/install/start-detached.js";
import { runningAppImage } from "../../src/install/running-appimage.js";
import { readSource, runtimePaths, writeSource } from "../../src/install/runtime-directory.js";
import { updateProblem, type UpdateStage } from "./update-problem.js";
import { replaceAppImage } from "./replace-app-image.js";
import { downloadResumably, requireRoom } from "./resumable-download.js";
import { FEED_FILE } from "./update-target.js";

/**
 * electron-updater, in a bundle of its own that is loaded for the first look only: most starts of the app end without
 * one. All errors are sentences for the user.
 */
export interface Updater {
  /** The version that the feed offers, if it is newer than this app. */
  look(): Promise<string | undefined>;
  /** Downloads what the last look found, or finds it downloaded; its hash is right then. */
  download(onProgress: (received: number, total: number | undefined) => void): Promise<void>;
  /**
   * Puts the downloaded app in the place of this one, and returns where that is; then this app has to end. With
   * `relaunch` the new one comes up. Throws where the old one stays.
   */
  install(relaunch: boolean): string;
}

export function createUpdater(): Updater {
  const appImage = runningAppImage(process.env, process.execPath)?.file;
  const place = { host: feedHost(), file: appImage ?? app.getPath("exe") };
  const updater = process.platform === "darwin" ? new MacUpdater() : new AppImageInOneStep(place.file);
  updater.autoDownload = false;
  updater.autoInstallOnAppQuit = true;
  updater.allowDowngrade = false;
  // It would load changed blocks in hundreds of ranges and could not go on where it broke off; a whole file can.
  updater.disableDifferentialDownload = true;
  updater.logger = null;
  let onProgress: (received: number, total: number | undefined) => void = () => undefined;
  const installDirectory = appImage === undefined ? undefined : dirname(appImage);
  const executor = new ResumingExecutor(installDirectory, (received, total) => onProgress(received, total));
  // Not in its types; the feed's provider, which is made at the first look, takes it from here.
  Object.assign(updater, { httpExecutor: executor });

  const inWords = async <T>(stage: UpdateStage, act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      throw new Error(updateProblem(error, stage, place), { cause: error });
    }
  };
  return {
    look: () =>
      inWords("check", async () => {
        const result = await updater.checkForUpdates();
        if (!result) throw new Error("electron-updater does not look for updates of this app");
        return result.isUpdateAvailable ? result.updateInfo.version : undefined;
      }),
    download: (listener) =>
      inWords("download", async () => {
        onProgress = listener;
        await requireReplaceable(place.file, installDirectory);
        await updater.downloadUpdate();
      }),
    install: (relaunch) => {
      // Squirrel tells of its own failure later; the app that it cannot replace goes on.
      if (updater instanceof MacUpdater) {
        updater.autoRunAppAfterInstall = relaunch;
        updater.quitAndInstall();
        return place.file;
      }
      const installed = updater.installNow(relaunch);
      if (typeof installed === "string") return installed;
      throw new Error(updateProblem(installed, "install", place), { cause: installed });
    },
  };
}

/** electron-updater removes the old file before the new one is in its place, and starts the new one also when it quits. */
class AppImageInOneStep extends AppImageUpdater {
  /** No link to it: that one is to lead to the new file too. */
  readonly #file: string;
  #failed: Error | undefined;
  #installed = "";

  constructor(file: string) {
    super();
    this.#file = file;
    this.on("error", (error) => (this.#failed = error));
  }

  /** Where it is installed, or why it is not. */
  installNow(relaunch: boolean): string | Error {
    this.#failed = undefined;
    if (this.install(true, relaunch)) return this.#installed;
    this.quitAndInstallCalled = false;
    return this.#failed ?? new Error("there is nothing to install");
  }

  protected override doInstall({ isForceRunAfter }: { isForceRunAfter: boolean }): boolean {
    const fresh = this.installerPath;
    if (!fresh) throw new Error("there is nothing to install");
    const installed = replaceAppImage(fresh, this.#file);
    this.#installed = installed;
    followAppImage(this.#file, installed);
    // The new one is not to be told that it is the second.
    app.releaseSingleInstanceLock();
    if (isForceRunAfter) startDetached(installed, []).catch(console.error);
    return true;
  }
}

/** What was staged of the old file is what the new one replaces at its start, whatever that is called. */
function followAppImage(from: string, to: string): void {
  const { runtime } = runtimePaths(process.env);
  const source = readSource(runtime);
  if (source?.appImage !== from || from === to) return;
  try {
    writeSource(runtime, { ...source, appImage: to });
  } catch (error) {
    console.error(`the staged runtime does not know its new AppImage: ${(error as Error).message}`);
  }
}

/** Its own step loads the file as a whole, from its first byte, each time. */
class ResumingExecutor extends ElectronHttpExecutor {
  readonly #installDirectory: string | undefined;
  readonly #onProgress: (received: number, total: number | undefined) => void;

  constructor(installDirectory: string | undefined, onProgress: (received: number, total: number | undefined) => void) {
    super();
    this.#installDirectory = installDirectory;
    this.#onProgress = onProgress;
  }

  override async download(
    url: URL,
    destination: string,
    { headers, sha512 }: { headers?: object | null; sha512?: string | null },
  ): Promise<string> {
    if (!sha512) throw new Error("the feed tells no SHA-512 of its file");
    const file = await downloadResumably({
      url: url.href,
      headers: textHeaders(headers),
      sha512,
      // Beside the directory that electron-updater empties after a failure.
      directory: join(dirname(dirname(destination)), "partial"),
      fetch: (address, init) => session.fromPartition("updates", { cache: false }).fetch(address, init),
      onSize: async (bytes) => {
        // The replacement stands beside the old file for a moment.
        if (this.#installDirectory !== undefined) await requireRoom(this.#installDirectory, bytes);
      },
      onProgress: this.#onProgress,
    });
    await rename(file, destination);
    return destination;
  }
}

/** Told before a hundred megabytes are loaded for nothing. */
async function requireReplaceable(file: string, directory: string | undefined): Promise<void> {
  if (directory === undefined) return;
  await access(file);
  await access(directory, constants.W_OK);
}

/** For messages; electron-updater reads the same file for itself. */
function feedHost(): string {
  const config = readFileSync(join(process.resourcesPath, FEED_FILE), "utf8");
  const url = /^url: *['"]?([^\s'"]+)/m.exec(config)?.[1] ?? "";
  return URL.canParse(url) ? new URL(url).host : "the update server";
}

function textHeaders(headers: object | null | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));
}
