/** The environment variables that Lockstep's programs read and set. */
export const ENVIRONMENT = {
  /** The state directory, an absolute path. */
  directory: "LOCKSTEP_DIR",
  /** Overrides the version that a daemon reports, in tests. */
  testVersion: "_LOCKSTEP_TEST_DAEMON_VERSION",
  /** Why a daemon was started in place of another. */
  restartReason: "_LOCKSTEP_DAEMON_RESTART_REASON",
  /** The inherited descriptor that holds `daemon.lock`. */
  lockFd: "_LOCKSTEP_DAEMON_LOCK_FD",
} as const;

/** The variables that a daemon keeps, and so do its hosted servers. Those that begin with `_` are for one process only. */
export const KEPT_PREFIX = "LOCKSTEP_";

/** Below the home directory. */
export const DEFAULT_DIRECTORY = ".lockstep";
