import { unwatchFile, watchFile } from "node:fs";
import { join } from "node:path";
import type { DaemonSpec } from "../../src/client/spec/daemon-spec.js";
import type { Installed } from "../../src/version/identity.js";

/** A package manager replaces the app a few times a month at most, so five seconds are soon enough. */
const CHECK_EVERY_MS = 5_000;

/** Reports what is installed in `codeDir`, now and after each change on disk. Returns a function that ends it. */
export function watchInstalled(
  codeDir: string,
  spec: DaemonSpec,
  onInstalled: (installed: Installed) => void,
): () => void {
  const file = join(codeDir, "build-info.json");
  const report = (): void => {
    try {
      onInstalled(spec.installed());
    } catch {
      // Half replaced: the next change completes the installation.
    }
  };
  report();
  watchFile(file, { interval: CHECK_EVERY_MS, persistent: false }, report);
  return () => unwatchFile(file, report);
}
