import { createRequire } from "node:module";
import { join } from "node:path";

/**
 * Runs the daemon in this process; resolves with its exit code. The daemon is a program of its own beside this one,
 * and is taken from its bundle: the code of a client and that of the daemon never mix.
 */
export function runDaemonHere(dir: string | undefined): Promise<number> {
  const bundle = createRequire(__filename)(join(__dirname, "daemon.js")) as DaemonBundle;
  return bundle.runDaemon({ dir, launchedBy: "foreground", foreground: true });
}

interface DaemonBundle {
  runDaemon(how: { dir: string | undefined; launchedBy: string; foreground: boolean }): Promise<number>;
}
