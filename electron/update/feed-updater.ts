import { AppImageInOneStep } from "./app-image-updater.js";
import type { FeedRequests } from "./download/feed-requests.js";
import { filesForMachine, type FeedFile } from "./files-for-machine.js";
import type { MacInSquirrel } from "./mac-updater.js";
import { HttpStatusError, NoFileError, updateProblem, type UpdateStage, type UpdateTarget } from "./update-problem.js";

/** Looks for an update in the feed, downloads and installs it. Every failure is a sentence for the user. */
export interface Updater {
  check(): Promise<Checked>;
  /** Downloads the version that the last check found, unless it is on disk already; verifies its hash. */
  download(onProgress: (received: number, total: number | undefined) => void): Promise<Downloaded>;
  /**
   * Replaces this app by the downloaded one and returns its path; then this app has to quit. `relaunch`: the new one is
   * started. Rejects with a sentence if this app stays.
   */
  install(relaunch: boolean): Promise<string>;
}

export type Checked = { is: "up-to-date" } | { is: "offered"; version: string } | Failure;
export type Downloaded = { is: "ready" } | Failure;

/** `retryAfterMs`: the server asked not to be asked again sooner. */
export interface Failure {
  is: "failed";
  error: string;
  retryAfterMs: number | undefined;
}

export interface FeedUpdaterParts {
  updater: AppImageInOneStep | MacInSquirrel;
  requests: FeedRequests;
  target: UpdateTarget;
  /** Starts the app at this path in place of this one. */
  start: (file: string) => Promise<void>;
}

export function createFeedUpdater({ updater, requests, target, start }: FeedUpdaterParts): Updater {
  updater.autoDownload = false;
  updater.autoInstallOnAppQuit = true;
  updater.allowDowngrade = false;
  // A differential download fetches changed blocks in hundreds of ranges and can't be resumed; a whole file can.
  updater.disableDifferentialDownload = true;
  updater.logger = null;
  // Missing in its types; the feed's provider, which is made at the first check, reads it here.
  Object.assign(updater, { httpExecutor: requests });

  const attempt = async <T>(stage: UpdateStage, act: () => Promise<T>): Promise<T | Failure> => {
    try {
      return await act();
    } catch (error) {
      const retryAfterMs = error instanceof HttpStatusError ? error.retryAfterMs : undefined;
      return { is: "failed", error: updateProblem(error, stage, target), retryAfterMs };
    }
  };
  const installNow = (relaunch: boolean): string => {
    try {
      if (updater instanceof AppImageInOneStep) return updater.installNow();
      updater.installNow(relaunch);
      return target.file;
    } catch (error) {
      throw new Error(updateProblem(error, "install", target), { cause: error });
    }
  };
  return {
    check: () =>
      attempt("check", async () => {
        const result = await updater.checkForUpdates();
        if (!result) throw new Error("electron-updater does not check for updates of this app");
        if (!result.isUpdateAvailable) return { is: "up-to-date" };
        const { updateInfo } = result;
        const files = fittingFiles(updateInfo, updater instanceof AppImageInOneStep ? "linux" : "darwin");
        Object.assign(updateInfo, { files });
        requests.announce(files);
        return { is: "offered", version: updateInfo.version };
      }),
    download: (onProgress) =>
      attempt("download", async () => {
        requests.onProgress = onProgress;
        if (updater instanceof AppImageInOneStep) {
          await updater.requireReplaceable();
          await updater.downloadUpdate();
        } else {
          await updater.downloadIntoSquirrel();
        }
        return { is: "ready" };
      }),
    install: async (relaunch) => {
      const installed = installNow(relaunch);
      // Squirrel starts the new app itself.
      if (relaunch && updater instanceof AppImageInOneStep) await start(installed);
      return installed;
    },
  };
}

/** Throws if the feed has none. Older feeds name one file, without a list. */
function fittingFiles(
  info: { version: string; files?: FeedFile[]; path?: string; sha512?: string },
  platform: NodeJS.Platform,
): FeedFile[] {
  const { version, files = [], path, sha512 } = info;
  const listed = files.length > 0 || path === undefined ? files : [{ url: path, sha512: sha512 ?? "" }];
  const fitting = filesForMachine(listed, platform, process.arch);
  if (fitting.length === 0) throw new NoFileError(version, `${platform} ${process.arch}`);
  if (fitting.some((file) => typeof file.sha512 !== "string" || file.sha512 === "")) {
    throw new Error("a file of the feed has no SHA-512");
  }
  return fitting;
}
