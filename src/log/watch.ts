import { statSync, watch, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";
import { fileKey } from "./files.js";

/**
 * Wakes a reader when a file whose name begins as `path` does changes in its directory. Where the directory cannot be
 * watched (a user has 128 inotify instances) it wakes four times a second instead, says why once, and tries to watch
 * again every five seconds. A watch that works is still doubted every two seconds: the directory may be another one.
 */
export class LogWatch {
  readonly #directory: string;
  readonly #name: string;
  #watcher: FSWatcher | undefined;
  #watchedKey: string | undefined;
  #polls = 0;
  #saidWhy = false;
  #rung = false;
  #wake = (): void => {};

  constructor(
    path: string,
    private readonly onNotice: (text: string) => void,
  ) {
    this.#directory = dirname(path);
    this.#name = basename(path);
    this.#watch();
  }

  /** Ends when something has changed since the last wait, when `signal` aborts, or when it is time to look anyway. */
  async wait(signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => this.#wake(), this.#watcher ? DOUBT_MS : POLL_MS);
        this.#wake = () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", this.#wake);
          resolve();
        };
        signal.addEventListener("abort", this.#wake);
      });
    }
    if (!this.#rung && !signal.aborted) this.#look();
    this.#rung = false;
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #ring(): void {
    this.#rung = true;
    this.#wake();
  }

  #look(): void {
    if (this.#watcher ? directoryKey(this.#directory) !== this.#watchedKey : ++this.#polls % POLLS_TO_RETRY === 0) {
      this.#watch();
    }
  }

  #watch(): void {
    this.close();
    try {
      this.#watchedKey = directoryKey(this.#directory);
      this.#watcher = watch(this.#directory, (_event, name) => {
        if (name === null || name.startsWith(this.#name)) this.#ring();
      });
      this.#watcher.on("error", (error) => this.#poll(error));
    } catch (error) {
      this.#poll(error);
    }
  }

  #poll(why: unknown): void {
    this.close();
    if (!this.#saidWhy) {
      this.onNotice(`cannot watch ${this.#directory} (${String(why)}): looking every ${POLL_MS} ms instead`);
    }
    this.#saidWhy = true;
    this.#ring();
  }
}

const POLL_MS = 250;
const POLLS_TO_RETRY = 20;
const DOUBT_MS = 2000;

function directoryKey(directory: string): string | undefined {
  const stats = statSync(directory, { bigint: true, throwIfNoEntry: false });
  return stats && fileKey(stats);
}
