import type { EventEmitter } from "node:events";
import { MacUpdater } from "electron-updater";
import type { AppAdapter } from "electron-updater/out/AppAdapter.js";
import { durationText } from "../../src/text/duration.js";
import { SquirrelError } from "./update-problem.js";

/** Squirrel unpacks the update and checks its signature, which takes some seconds; ms. */
const SQUIRREL_BOUND_MS = 5 * 60_000;

/** Electron's own updater of macOS. It takes the update from an HTTP server, which electron-updater starts for it. */
export type Squirrel = Pick<EventEmitter, "on" | "off" | "emit">;

/**
 * Hands an update over to Squirrel as soon as it was downloaded. electron-updater reports a download as done when Squirrel
 * has read its last byte; only when Squirrel has checked it too does a quit install it.
 */
export class MacInSquirrel extends MacUpdater {
  readonly #squirrel: Squirrel;

  constructor(squirrel: Squirrel, adapter: AppAdapter) {
    super(undefined, adapter);
    this.#squirrel = squirrel;
  }

  /** Resolves when the next quit installs the update. Its server has been closed then. */
  async downloadIntoSquirrel(): Promise<void> {
    const squirrel = this.#squirrel;
    let refused: Error | undefined;
    let late: NodeJS.Timeout | undefined;
    let onReady = (): void => undefined;
    let onError = (_: Error): void => undefined;
    const ready = new Promise<void>((resolve, reject) => {
      onReady = resolve;
      onError = (error) => {
        refused ??= error;
        reject(error);
      };
    });
    ready.catch(() => undefined);
    // electron-updater waits for Squirrel without a bound, and gives up at its errors only.
    const onFile = (): void => {
      const error = new Error(`it was not ready after ${durationText(SQUIRREL_BOUND_MS)}`);
      late = setTimeout(() => squirrel.emit("error", error), SQUIRREL_BOUND_MS);
    };
    squirrel.on("update-downloaded", onReady);
    squirrel.on("error", onError);
    this.on("update-downloaded", onFile);
    try {
      await this.downloadUpdate();
      await ready;
    } catch (error) {
      throw refused ? new SquirrelError(refused.message, { cause: refused }) : error;
    } finally {
      clearTimeout(late);
      this.off("update-downloaded", onFile);
      squirrel.off("update-downloaded", onReady);
      squirrel.off("error", onError);
      // Private in its types; it would serve until the app quits.
      (this as unknown as { closeServerIfExists(): void }).closeServerIfExists();
    }
  }

  /** Quits the app; Squirrel replaces it then, and starts the new one if `relaunch`. */
  installNow(relaunch: boolean): void {
    this.autoRunAppAfterInstall = relaunch;
    this.quitAndInstall();
  }
}
