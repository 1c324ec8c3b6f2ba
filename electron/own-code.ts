import { unwatchFile, watchFile } from "node:fs";
import { join } from "node:path";
import type { DaemonSpec, Installed } from "../src/index.js";

/** A package manager replaces the app at most a few times a month; a look every five seconds is soon enough. */
const LOOK_EVERY_MS = 5_000;

/** Tells what is installed whenever that changes on disk: the app's own code and its daemon's come from one place. */
export function watchInstalled(spec: DaemonSpec, onInstalled: (installed: Installed) => void): () => void {
  const file = join(spec.installed().root, "build-info.json");
  const look = (): void => {
    try {
      onInstalled(spec.installed());
    } catch {
      // Half replaced: the next change completes it.
    }
  };
  watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, look);
  return () => unwatchFile(file, look);
}
