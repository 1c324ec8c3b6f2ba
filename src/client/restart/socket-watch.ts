import type { FSWatcher } from "node:fs";
import { watch } from "node:fs";
import { basename, dirname } from "node:path";

/** Where watching is not possible, `next` waits for this part of the given time, and for this many ms at least. */
const BLIND_PART = 1 / 4;
const BLIND_MS = 25;

export interface SocketWatch extends Disposable {
  /**
   * Resolves with "changed" when the socket has appeared or gone since the last call, with "time" after `ms`, with
   * "blind" after a shorter pause when watching is not possible, so that the caller has to probe, and with "other" when
   * `or` settles. Rejects with the signal's reason when `signal` aborts.
   */
  next(ms: number, more?: WatchOptions): Promise<Change>;
}

export type Change = "changed" | "time" | "blind" | "other";

export interface WatchOptions {
  signal?: AbortSignal | undefined;
  /** Ends the wait too, whichever way it settles. A wait that is abandoned instead would take the next change with it. */
  or?: Promise<unknown> | undefined;
}

/**
 * Watches a socket's directory for its appearance. A user has 128 inotify instances by default, which 200 waiting
 * clients use up: then `next` resolves with "blind", and the caller tries to connect.
 */
export function watchSocket(path: string): SocketWatch {
  let changed = false;
  let wake: (() => void) | undefined;
  const watcher = watchIfPossible(path, () => {
    changed = true;
    wake?.();
  });
  return {
    next(ms, { signal, or } = {}) {
      return new Promise((resolve, reject) => {
        const isWatching = watcher() !== undefined;
        const end = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", onAbort);
          if (wake === onChange) wake = undefined;
        };
        const done = (what: Change): void => {
          end();
          if (what === "changed") changed = false;
          resolve(what);
        };
        const onChange = (): void => done("changed");
        const onOther = (): void => done("other");
        const onAbort = (): void => {
          end();
          reject(signal?.reason as Error);
        };
        const pause = isWatching ? ms : Math.min(ms, Math.max(BLIND_MS, ms * BLIND_PART) * (0.5 + Math.random()));
        const timer = setTimeout(() => done(isWatching ? "time" : "blind"), pause);
        wake = onChange;
        if (changed) return done("changed");
        if (signal?.aborted) return onAbort();
        signal?.addEventListener("abort", onAbort);
        or?.then(onOther, onOther);
      });
    },
    [Symbol.dispose]: () => watcher()?.close(),
  };
}

function watchIfPossible(path: string, onChange: () => void): () => FSWatcher | undefined {
  const name = basename(path);
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(dirname(path), { persistent: false }, (_event, file) => {
      // The log and the heartbeat change the directory all the time; only the socket matters.
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
