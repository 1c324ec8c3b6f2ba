import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { createHash } from "node:crypto";
import { access, constants } from "node:fs/promises";
import { dirname } from "node:path";
import { AppImageUpdater } from "electron-updater";
import type { AppAdapter } from "electron-updater/out/AppAdapter.js";
import { readSource, runtimePaths, writeSource } from "../../src/install/runtime-directory.js";
import { replaceAppImage } from "./replace-app-image.js";
import { ReplacedError, WrongFileError } from "./update-problem.js";

/** electron-updater removes the old file before the new one is in place, and starts the new one on every quit. */
export class AppImageInOneStep extends AppImageUpdater {
  /** The file itself, not a link to it: the link has to lead to the new file too. */
  readonly #file: string;
  /** Undefined until the file was seen: it may have been moved away since the start. */
  #started: string | undefined;
  readonly #onReplaced: () => void;
  #failed: Error | undefined;
  #installed: string | undefined;

  /** `file` is the running AppImage; `onReplaced` is called once another one is in its place. */
  constructor(file: string, adapter: AppAdapter, onReplaced: () => void) {
    super(null, adapter);
    this.#file = file;
    if (existsSync(file)) this.#started = identityOf(file);
    this.#onReplaced = onReplaced;
    this.on("error", (error) => (this.#failed = error));
  }

  /** The path of the installed file. Throws if the old one stays. A second call only returns the path again. */
  installNow(): string {
    if (this.#installed !== undefined) return this.#installed;
    this.#failed = undefined;
    this.install(true, false);
    if (this.#installed !== undefined) return this.#installed;
    // Otherwise quitting would not try again.
    this.quitAndInstallCalled = false;
    throw this.#failed ?? new Error("there is nothing to install");
  }

  /** Checked before a hundred megabytes are downloaded in vain. */
  async requireReplaceable(): Promise<void> {
    await access(this.#file);
    this.#requireUnchanged();
    await access(dirname(this.#file), constants.W_OK);
  }

  /** Also called by electron-updater when the app quits. */
  protected override doInstall(): boolean {
    const fresh = this.installerPath;
    if (!fresh) throw new Error("there is nothing to install");
    this.#requireUnchanged();
    // It may have lain there for weeks.
    const { sha512 } = this.downloadedUpdateHelper?.downloadedFileInfo ?? {};
    if (createHash("sha512").update(readFileSync(fresh)).digest("base64") !== sha512) {
      rmSync(fresh, { force: true });
      throw new WrongFileError("hash");
    }
    this.#installed = replaceAppImage(fresh, this.#file);
    followAppImage(this.#file, this.#installed);
    this.#onReplaced();
    return true;
  }

  /** The user may have put another version there, which is not to be replaced by what is an older one perhaps. */
  #requireUnchanged(): void {
    const found = identityOf(this.#file);
    this.#started ??= found;
    if (found !== this.#started) throw new ReplacedError(`${this.#file} is another file`);
  }
}

/** Not by its inode, which some file systems make up anew. */
function identityOf(file: string): string {
  const { size, mtimeMs } = statSync(file);
  return `${size} ${mtimeMs}`;
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
