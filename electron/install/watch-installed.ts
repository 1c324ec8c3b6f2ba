import { unwatchFile, watchFile } from "node:fs";
import { join } from "node:path";
import type { DaemonSpec } from "../../src/client/spec/daemon-spec.js";
import type { Installed } from "../../src/version/identity.js";

/** A package manager replaces the app at most a few times a month; a look every five seconds is soon enough. */
const LOOK_EVERY_MS = 5_000;

/** Tells what is installed in `codeDir`, now and whenever that changes on disk. */
export function watchInstalled(
  codeDir: string,
  spec: DaemonSpec,
  onInstalled: (installed: Installed) => void,
): () => void {
  const file = join(codeDir, "build-info.json");
  const look = (): void => {
    try {
      onInstalled(spec.installed());
    } catch {
      // Half replaced: the next change completes it.
    }
  };
  look();
  watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, look);
  return () => unwatchFile(file, look);
}
