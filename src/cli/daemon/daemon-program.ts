import { createRequire } from "node:module";
import { join } from "node:path";

/**
 * Runs the daemon in this process and resolves with its exit code. It is loaded from its own bundle, so that client code
 * and daemon code are never bundled together.
 */
export function runDaemonHere(dir: string | undefined): Promise<number> {
  const bundle = createRequire(__filename)(join(__dirname, "daemon.js")) as DaemonBundle;
  return bundle.runDaemon({ dir, launchedBy: "foreground", foreground: true });
}

interface DaemonBundle {
  runDaemon(how: { dir: string | undefined; launchedBy: string; foreground: boolean }): Promise<number>;
}
