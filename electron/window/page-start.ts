/** From the end of loading to the first request of a page that runs, ms, on a machine that is busy. */
const RUNS_WITHIN_MS = 10_000;

/** Whether the window's page runs: a page whose script is missing or fails loads as well, and stays empty. */
export interface PageStart {
  /** A page is about to be loaded. */
  isNew(): void;
  hasStarted(): void;
  /** Resolves once the page has started. Rejects after 10 s. */
  runs(): Promise<void>;
}

export function createPageStart(): PageStart {
  let started = false;
  let onStarted: () => void = () => undefined;
  return {
    isNew: () => void (started = false),
    hasStarted: () => {
      started = true;
      onStarted();
    },
    runs: () =>
      new Promise((resolve, reject) => {
        if (started) return resolve();
        const late = setTimeout(() => {
          reject(new Error("its page did not start within 10 s; is the installation complete?"));
        }, RUNS_WITHIN_MS);
        onStarted = () => {
          clearTimeout(late);
          resolve();
        };
      }),
  };
}
