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
 * electron-updater, in a bundle of its own that is loaded at the first check, which most starts of the app never reach.
 * All errors are sentences for the user.
 */
export interface Updater {
  /** The version that the feed offers, if it is newer than this app. */
  check(): Promise<string | undefined>;
  /** Downloads the version that the last check found, unless it is on disk already; verifies its hash. */
  download(onProgress: (received: number, total: number | undefined) => void): Promise<void>;
  /**
   * Replaces this app by the downloaded one and returns its path; then this app has to quit. `relaunch`: the new one is
   * started. Throws if the old one stays in place.
   */
  install(relaunch: boolean): string;
}

export function createUpdater(): Updater {
  const appImage = runningAppImage(process.env, process.execPath)?.file;
  const target = { host: feedHost(), file: appImage ?? app.getPath("exe") };
  const updater = process.platform === "darwin" ? new MacUpdater() : new AppImageInOneStep(target.file);
  updater.autoDownload = false;
  updater.autoInstallOnAppQuit = true;
  updater.allowDowngrade = false;
  // A differential download fetches changed blocks in hundreds of ranges and can't be resumed; a whole file can.
  updater.disableDifferentialDownload = true;
  updater.logger = null;
  let onProgress: (received: number, total: number | undefined) => void = () => undefined;
  const installDirectory = appImage === undefined ? undefined : dirname(appImage);
  const executor = new ResumingExecutor(installDirectory, (received, total) => onProgress(received, total));
  // Missing in its types; the feed's provider, which is made at the first check, reads it here.
  Object.assign(updater, { httpExecutor: executor });

  const inWords = async <T>(stage: UpdateStage, act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      throw new Error(updateProblem(error, stage, target), { cause: error });
    }
  };
  return {
    check: () =>
      inWords("check", async () => {
        const result = await updater.checkForUpdates();
        if (!result) throw new Error("electron-updater does not check for updates of this app");
        return result.isUpdateAvailable ? result.updateInfo.version : undefined;
      }),
    download: (listener) =>
      inWords("download", async () => {
        onProgress = listener;
        await requireReplaceable(target.file, installDirectory);
        await updater.downloadUpdate();
      }),
    install: (relaunch) => {
      // Squirrel reports a failure later; the app goes on if it can't be replaced.
      if (updater instanceof MacUpdater) {
        updater.autoRunAppAfterInstall = relaunch;
        updater.quitAndInstall();
        return target.file;
      }
      const installed = updater.installNow(relaunch);
      if (typeof installed === "string") return installed;
      throw new Error(updateProblem(installed, "install", target), { cause: installed });
    },
  };
}

/** electron-updater removes the old file before the new one is in place, and starts the new one on every quit. */
class AppImageInOneStep extends AppImageUpdater {
  /** The file itself, not a link to it: the link has to lead to the new file too. */
  readonly #file: string;
  #failed: Error | undefined;
  #installed = "";

  constructor(file: string) {
    super();
    this.#file = file;
    this.on("error", (error) => (this.#failed = error));
  }

  /** The path of the installed file, or the error. */
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
    // Otherwise the new app would find this one, and quit as a second instance.
    app.releaseSingleInstanceLock();
    if (isForceRunAfter) startDetached(installed, []).catch(console.error);
    return true;
  }
}

/** The new AppImage replaces the staged runtime of its predecessor at its start; this names it as the predecessor. */
function followAppImage(from: string, to: string): void {
  const { runtime } = runtimePaths(process.env);
  const source = readSource(runtime);
  if (source?.appImage !== from || from === to) return;
  try {
    writeSource(runtime, { ...source, appImage: to });
  } catch (error) {
    console.error(`the staged runtime could not be assigned to the new AppImage: ${(error as Error).message}`);
  }
}

/** electron-updater's own executor downloads the whole file each time. */
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
    if (!sha512) throw new Error("the feed has no SHA-512 of its file");
    const file = await downloadResumably({
      url: url.href,
      headers: textHeaders(headers),
      sha512,
      // Beside the directory that electron-updater empties after a failure.
      directory: join(dirname(dirname(destination)), "partial"),
      fetch: (address, init) => session.fromPartition("updates", { cache: false }).fetch(address, init),
      onSize: async (bytes) => {
        // The new file lies beside the old one for a moment.
        if (this.#installDirectory !== undefined) await requireRoom(this.#installDirectory, bytes);
      },
      onProgress: this.#onProgress,
    });
    await rename(file, destination);
    return destination;
  }
}

/** Checked before a hundred megabytes are downloaded in vain. */
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
