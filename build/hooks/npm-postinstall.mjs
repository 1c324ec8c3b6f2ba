// Run by npm after installing Lockstep: ends the daemon of the previous version. Without this hook the next client's
// handshake would replace that daemon. So the hook never fails, and only acts after `npm install -g lockstep`: not in a
// checkout, not as a dependency, and not in CI.
import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const BOUND_MS = 5_000;
const PACKAGE = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

try {
  if (isGlobalInstall() && !process.env["CI"]) endStaleDaemon();
} catch {
  // An upgrade never fails because of its hook.
}

function isGlobalInstall() {
  const { npm_config_global: isGlobal, npm_config_global_prefix: prefix } = process.env;
  if (isGlobal !== "true" || prefix === undefined || existsSync(join(PACKAGE, "src"))) return false;
  return realpathSync(join(prefix, "lib/node_modules/lockstep")) === realpathSync(PACKAGE);
}

/** Prints a line if there was one. */
function endStaleDaemon() {
  const cli = join(PACKAGE, "dist/cli.js");
  spawnSync(process.execPath, [cli, "kill-daemon", "--stale-only", "--quiet"], {
    stdio: ["ignore", "ignore", "inherit"],
    timeout: BOUND_MS,
    killSignal: "SIGKILL",
  });
}
