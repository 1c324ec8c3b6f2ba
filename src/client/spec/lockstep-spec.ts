import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";

import { EXPERIMENTAL_KEY, METHOD, NOTIFICATION } from "../../wire/control.js";
import { resolveDirectory, statePaths } from "../../state/directory.js";
import { ownBinary } from "../../install/own-binary.js";
import { DEFAULT_DIRECTORY, ENVIRONMENT, KEPT_PREFIX } from "../../state/environment.js";
import { placeOf } from "../../state/platform/place.js";
import { keptVariables } from "../../state/kept-variables.js";
import { BUILD_INFO, readBuildInfo } from "../../install/build-info.js";
import { withoutAppImage } from "../../install/appimage-environment.js";
import type { DaemonSpec, SpawnCommand } from "./daemon-spec.js";

/** The program that uses the daemon, as far as it matters for starting one. */
export interface ProgramFacts {
  /** The directory that its code came from. */
  codeDir: string;
  execPath: string;
  env: NodeJS.ProcessEnv;
  /** True for Electron's binary, which runs as Node only with ELECTRON_RUN_AS_NODE. */
  electron: boolean;
}

/**
 * Lockstep's own daemon as a spec. `program` is the installation that it is started from, by default this one; `dir`
 * overrides the state directory. Throws DirectoryError for a relative directory.
 *
 * @example
 * ```ts
 * const client: ClientIdentity = {
 *   clientInfo: { name: "notes", version: "1.0.0" },
 *   hello: { role: "library", pid: process.pid, server: "memory", heartbeat: true },
 * };
 * const memory = await connectReconnecting(lockstepSpec(), { client });
 * ```
 */
export function lockstepSpec(program: ProgramFacts = thisProgram(), dir?: string): DaemonSpec {
  const directory = resolveDirectory(dir, ENVIRONMENT.directory, program.env[ENVIRONMENT.directory], DEFAULT_DIRECTORY);
  let found: string | undefined;
  // Resolved on first use: the runtime that an AppImage runs its daemon from may not be staged yet.
  const root = (): string => (found ??= realpathSync(program.codeDir));
  return {
    name: "lockstep",
    paths: statePaths(directory),
    installed: () => ({ ...readBuildInfo(root()), place: placeOf(root()) }),
    installedIn: (other) => (existsSync(join(other, BUILD_INFO)) ? readBuildInfo(other) : undefined),
    command: (launcher) => lockstepCommand(program, root(), directory, launcher),
    variables: ENVIRONMENT,
    experimentalKey: EXPERIMENTAL_KEY,
    lifetimeLock: { fdVariable: ENVIRONMENT.lockFd },
    control: { shutdown: METHOD.shutdown, status: METHOD.status, noticed: NOTIFICATION.noticed },
    restartHint: "lockstep restart",
  };
}

/** The facts of the program that runs this very code, bundled into `dist`. */
export function thisProgram(): ProgramFacts {
  return {
    codeDir: __dirname,
    execPath: ownBinary(),
    env: process.env,
    electron: process.versions["electron"] !== undefined,
  };
}

/** The command that runs the daemon. Its arguments name the program and the state directory, so that `ps` shows them. */
export function lockstepCommand(
  program: ProgramFacts,
  root: string,
  directory: string,
  launcher: string,
): SpawnCommand {
  const env = daemonEnvironment(program.env);
  if (program.electron) env["ELECTRON_RUN_AS_NODE"] = "1";
  return {
    file: program.execPath,
    args: [join(root, "daemon.js"), "serve", "--daemon", "--dir", directory, "--launched-by", launcher],
    env,
  };
}

/** What the daemon inherits from the program that starts it. */
export function daemonEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return keptVariables(withoutAppImage(env), KEPT_PREFIX);
}
