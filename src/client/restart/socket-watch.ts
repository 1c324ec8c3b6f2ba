import type { FSWatcher } from "node:fs";
import { watch } from "node:fs";
import { basename, dirname } from "node:path";

/** Between two looks where watching is not to be had: this part of the asked time, and this many ms at least. */
const BLIND_PART = 1 / 4;
const BLIND_MS = 25;

export interface SocketWatch extends Disposable {
  /**
   * "changed": the socket came or went since the last call. "time": `ms` are over. "blind": nothing can be watched, a
   * short pause is over, and the caller has to look for itself. Rejects with the signal's reason when `signal` aborts.
   */
  next(ms: number, signal?: AbortSignal): Promise<"changed" | "time" | "blind">;
}

/**
 * Watches a socket's directory for its appearance. A user has 128 inotify instances by default, which 200 waiting
 * clients use up: then `next` returns after a short jittered pause, and the caller's connect is the look.
 */
export function watchSocket(path: string): SocketWatch {
  let changed = false;
  let wake: (() => void) | undefined;
  const watcher = watchQuietly(path, () => {
    changed = true;
    wake?.();
  });
  return {
    next(ms, signal) {
      return new Promise((resolve, reject) => {
        const seeing = watcher() !== undefined;
        const end = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", onAbort);
          wake = undefined;
        };
        const done = (what: "changed" | "time" | "blind"): void => {
          end();
          changed = false;
          resolve(what);
        };
        const onAbort = (): void => {
          end();
          reject(signal?.reason as Error);
        };
        const pause = seeing ? ms : Math.min(ms, Math.max(BLIND_MS, ms * BLIND_PART) * (0.5 + Math.random()));
        const timer = setTimeout(() => done(seeing ? "time" : "blind"), pause);
        wake = () => done("changed");
        if (changed) done("changed");
        else if (signal?.aborted) onAbort();
        else signal?.addEventListener("abort", onAbort);
      });
    },
    [Symbol.dispose]: () => watcher()?.close(),
  };
}

function watchQuietly(path: string, onChange: () => void): () => FSWatcher | undefined {
  const name = basename(path);
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(dirname(path), { persistent: false }, (_event, file) => {
      // Log lines and heartbeats change the directory's files all the time; only the socket matters.
      if (file === null || file === name) onChange();
    });
    watcher.on("error", () => {
      watcher?.close();
      watcher = undefined;
      onChange();
    });
  } catch {
    watcher = undefined;
  }
  return () => watcher;
}
