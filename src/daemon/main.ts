import { realpathSync } from "node:fs";

import { prepareDirectory, resolveDirectory, statePaths } from "../state/directory.js";
import { DEFAULT_DIRECTORY, ENVIRONMENT } from "../state/environment.js";
import { breadcrumbText } from "../log/breadcrumbs.js";
import { openLog, type LogWriter } from "../log/writer.js";
import { placeOf } from "../state/platform/place.js";
import { requireSupportedPlatform } from "../state/platform/support.js";
import { readBuildInfo } from "../install/build-info.js";
import { EXIT_START_AGAIN } from "../wire/control.js";
import { parseDaemonArguments } from "./arguments.js";
import { holdLifetimeLock } from "./lifetime-lock.js";
import { followRotation } from "./follow-rotation.js";
import { replacedWhileStarting } from "./replaced-while-starting.js";
import { serve } from "./serve.js";

/** Runs the daemon and resolves with its exit code. `foreground`: in a terminal, where it also prints its log. */
export async function runDaemon(how: {
  dir: string | undefined;
  launchedBy: string;
  foreground: boolean;
}): Promise<number> {
  requireSupportedPlatform();
  const environment = takeEnvironment();
  const root = realpathSync(__dirname);
  const paths = statePaths(resolveDirectory(how.dir, ENVIRONMENT.directory, environment.directory, DEFAULT_DIRECTORY));
  prepareDirectory(paths);
  // So that the daemon keeps no other directory in use, and a core dump lands where only the user can read it.
  process.chdir(paths.dir);

  const lock = await holdLifetimeLock(paths.daemonLock, environment.lockFd);
  if (!lock) {
    process.stderr.write(`lockstep: a daemon is already running in ${paths.dir}; see: lockstep status\n`);
    return 1;
  }
  const log = openLog(paths.log, how.foreground ? {} : { reopened: followRotation });
  const shown = how.foreground ? alsoToTerminal(log) : log;
  const installed = readBuildInfo(root);
  if (replacedWhileStarting(root)) {
    shown.write(
      "warn",
      "daemon",
      `${root} was replaced while this daemon started; exiting so that the new one can start`,
    );
    return EXIT_START_AGAIN;
  }
  return serve({
    paths,
    installed: { ...installed, place: placeOf(root) },
    launchedBy: how.launchedBy,
    version: environment.testVersion || installed.version,
    restartReason: environment.restartReason,
    lock,
    log: shown,
  });
}

/** Reads the variables meant for this process and removes them, so that hosted servers do not inherit them. */
function takeEnvironment(): {
  directory: string | undefined;
  testVersion: string | undefined;
  restartReason: string | undefined;
  lockFd: number | undefined;
} {
  const take = (name: string): string | undefined => {
    const value = process.env[name];
    delete process.env[name];
    return value;
  };
  const lockFd = take(ENVIRONMENT.lockFd);
  return {
    directory: process.env[ENVIRONMENT.directory],
    testVersion: take(ENVIRONMENT.testVersion),
    restartReason: take(ENVIRONMENT.restartReason),
    lockFd: lockFd !== undefined && /^\d{1,4}$/.test(lockFd) ? Number(lockFd) : undefined,
  };
}

function alsoToTerminal(log: LogWriter): LogWriter {
  // The terminal may be closed while the daemon runs on.
  process.stderr.on("error", () => undefined);
  return {
    write: (level, component, text) => {
      log.write(level, component, text);
      process.stderr.write(`${component}: ${text}\n`);
    },
    event: (breadcrumb) => {
      log.event(breadcrumb);
      process.stderr.write(`daemon: ${breadcrumbText(breadcrumb)}\n`);
    },
    rotateIfNeeded: () => log.rotateIfNeeded(),
    close: () => log.close(),
  };
}

if (require.main === module) {
  const { dir, launchedBy } = parseDaemonArguments(process.argv.slice(2));
  runDaemon({ dir, launchedBy, foreground: false }).then(
    (code) => process.exit(code),
    (error: unknown) => {
      process.stderr.write(`lockstep: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(1);
    },
  );
}
