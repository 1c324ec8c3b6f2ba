import { statSync, watch, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";
import { fileKey } from "./files.js";

/**
 * Wakes a reader when the log at `path` or one of its old files changes. If the directory cannot be watched (a user has
 * 128 inotify instances by default) it wakes four times a second, reports that once to `onNotice`, and tries to watch
 * again every five seconds. A watch that works is checked every two seconds, since the directory may have been replaced.
 */
export class LogWatch {
  readonly #directory: string;
  readonly #name: string;
  #watcher: FSWatcher | undefined;
  #watchedKey: string | undefined;
  #polls = 0;
  #noticed = false;
  #changed = false;
  #wake = (): void => {};

  constructor(
    path: string,
    private readonly onNotice: (text: string) => void,
  ) {
    this.#directory = dirname(path);
    this.#name = basename(path);
    this.#watch();
  }

  /** Resolves when something has changed since the last call, when `signal` aborts, or when a check is due anyway. */
  async wait(signal: AbortSignal): Promise<void> {
    if (!this.#changed && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => this.#wake(), this.#watcher ? CHECK_MS : POLL_MS);
        this.#wake = () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", this.#wake);
          resolve();
        };
        signal.addEventListener("abort", this.#wake);
      });
    }
    if (!this.#changed && !signal.aborted) this.#check();
    this.#changed = false;
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #onChange(): void {
    this.#changed = true;
    this.#wake();
  }

  #check(): void {
    if (this.#watcher ? directoryKey(this.#directory) !== this.#watchedKey : ++this.#polls % POLLS_TO_RETRY === 0) {
      this.#watch();
    }
  }

  #watch(): void {
    this.close();
    try {
      this.#watchedKey = directoryKey(this.#directory);
      this.#watcher = watch(this.#directory, (_event, name) => {
        if (name === null || name.startsWith(this.#name)) this.#onChange();
      });
      this.#watcher.on("error", (error) => this.#poll(error));
    } catch (error) {
      this.#poll(error);
    }
  }

  #poll(why: unknown): void {
    this.close();
    if (!this.#noticed) {
      this.onNotice(`cannot watch ${this.#directory} (${String(why)}): checking every ${POLL_MS} ms instead`);
    }
    this.#noticed = true;
    this.#onChange();
  }
}

const POLL_MS = 250;
const POLLS_TO_RETRY = 20;
const CHECK_MS = 2000;

function directoryKey(directory: string): string | undefined {
  const stats = statSync(directory, { bigint: true, throwIfNoEntry: false });
  return stats && fileKey(stats);
}
