import type { StatePaths } from "../../state/directory.js";
import type { Installed } from "../../version/identity.js";

/** How to start a daemon: what `spawn` needs and nothing else. */
export interface SpawnCommand {
  file: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
}

/** Names of the environment variables that the lifecycle sets for a daemon. */
export interface SpecVariables {
  /** Overrides the version that a daemon reports, in tests; never passed on to a daemon that we spawn. */
  testVersion: string;
  /** Set for the daemon that a restart starts (`prev=X,now=Y,by=pidN`), removed for every other. */
  restartReason: string;
}

/** How a daemon comes to hold `daemon.lock` for its whole life. */
export interface LifetimeLock {
  /**
   * The environment variable with the number of an inherited descriptor that holds `daemon.lock`. The daemon keeps this
   * descriptor open instead of taking the lock itself, and does not pass it on to its children.
   */
  fdVariable: string;
}

/** Requests and notifications beyond MCP that a daemon understands. */
export interface ControlMethods {
  /** The request that makes it end, with `{reason, by, drainMs}`. */
  shutdown: string;
  /** The request for its status, answered with a `DaemonStatus`. Without it the handshake is all that is known. */
  status?: string;
  /** The notification that the user was shown a notice about this daemon, with `{installRoot}`. */
  noticed?: string;
}

/**
 * What has to be known of a daemon to find it, to watch it and to talk to it. Without its installation it can be neither
 * judged nor started.
 */
export interface WatchedDaemon {
  /** For messages: "lockstep". */
  name: string;
  paths: StatePaths;
  /** The key in `capabilities.experimental` under which the daemon gives its identity. */
  experimentalKey: string;
  /** Undefined: the daemon holds no lock, and its process is watched instead. */
  lifetimeLock: LifetimeLock | undefined;
  /** Undefined: the daemon understands MCP only, and ends on SIGTERM. */
  control: ControlMethods | undefined;
}

/**
 * Everything the lifecycle knows about a daemon. Lockstep's own daemon is one spec; another tool's is another, and gets
 * the same handshake, locks, escalation and breadcrumbs.
 */
export interface DaemonSpec extends WatchedDaemon {
  /** Reads from disk what is installed now. Throws an Error that says how to fix it. */
  installed(): Installed;
  /** Reads the same from any installation's directory; undefined when it no longer exists. */
  installedIn?: (root: string) => Installed | undefined;
  /** The command that runs the installed daemon in `paths.dir`; `launcher` says who starts it: `cli (pid 812)`. */
  command(launcher: string): SpawnCommand;
  variables: SpecVariables;
  /** What the user types to resolve a refusal, such as `lockstep restart`. */
  restartHint: string;
}
