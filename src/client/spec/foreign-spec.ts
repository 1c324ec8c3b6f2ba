import { realpathSync } from "node:fs";
import { isAbsolute } from "node:path";

import { withoutAppImage } from "../../install/appimage-environment.js";
import { keptVariables } from "../../state/kept-variables.js";
import { DirectoryError, statePaths } from "../../state/directory.js";
import type { Installed } from "../../version/identity.js";
import type { DaemonSpec } from "./daemon-spec.js";

/** Describes another tool's daemon; the rest follows the habits of ADB-style daemons and can be overridden. */
export interface ForeignDaemon {
  /** Its name, such as `previewsmcp`, which is used in messages and, in capitals, in its environment variables. */
  name: string;
  /** Its state directory, an absolute path, with `serve.sock`, `serve.pid`, `serve.log` and `restart.lock`. */
  directory: string;
  /** Reads from disk what version is installed now, a semver version with or without git-describe suffix. */
  installedVersion: () => string;
  /** The directory that its code is installed in. */
  root: string;
  /**
   * The command that runs it: it creates and listens on `<directory>/serve.sock`, speaks MCP and ends on SIGTERM. Of the
   * starting program's variables it gets those of the user, the desktop and the network, and those with its own name in
   * front (`PREVIEWSMCP_…`); `env` adds to them.
   */
  command: { file: string; args: readonly string[]; env?: NodeJS.ProcessEnv };
}

/**
 * Another tool's daemon as a spec: its version comes from `serverInfo`, SIGTERM ends it, and it holds no lifetime lock.
 * `more` overrides single members, such as `control` for a daemon that can be asked to end.
 * Throws DirectoryError for a relative directory.
 *
 * @example
 * ```ts
 * const spec = foreignSpec(
 *   {
 *     name: "notesd",
 *     directory: "/home/me/.notesd",
 *     installedVersion: () => readFileSync("/opt/notesd/VERSION", "utf8").trim(),
 *     root: "/opt/notesd",
 *     command: { file: "/opt/notesd/bin/notesd", args: ["--serve"] },
 *   },
 *   { control: { shutdown: "notesd/shutdown" } },
 * );
 * ```
 */
export function foreignSpec(daemon: ForeignDaemon, more: Partial<DaemonSpec> = {}): DaemonSpec {
  if (!isAbsolute(daemon.directory)) {
    throw new DirectoryError(`${daemon.name}: its state directory "${daemon.directory}" must be an absolute path`);
  }
  const prefix = `${daemon.name.toUpperCase().replace(/[^A-Z0-9]+/g, "_")}_`;
  return {
    name: daemon.name,
    paths: statePaths(daemon.directory),
    installed: (): Installed => ({
      version: daemon.installedVersion(),
      buildId: undefined,
      protocol: undefined,
      root: realPath(daemon.root),
    }),
    command: () => ({
      ...daemon.command,
      env: { ...keptVariables(withoutAppImage(process.env), prefix), ...daemon.command.env },
    }),
    variables: {
      testVersion: `_${prefix}TEST_DAEMON_VERSION`,
      restartReason: `_${prefix}DAEMON_RESTART_REASON`,
    },
    experimentalKey: daemon.name,
    lifetimeLock: undefined,
    control: undefined,
    restartHint: `ending PID $(cat "${statePaths(daemon.directory).pid}")`,
    ...more,
  };
}

/** A daemon gives the real path of its installation, and both are compared; a missing directory stays as it is. */
function realPath(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    return directory;
  }
}
