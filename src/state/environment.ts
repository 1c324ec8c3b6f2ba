/** The environment variables by which Lockstep's programs are told something. */
export const ENVIRONMENT = {
  /** The state directory, an absolute path. */
  directory: "LOCKSTEP_DIR",
  /** Overrides the version that a daemon gives, in tests. */
  testVersion: "_LOCKSTEP_TEST_DAEMON_VERSION",
  /** Why a daemon was started in another's place. */
  restartReason: "_LOCKSTEP_DAEMON_RESTART_REASON",
  /** The inherited descriptor that holds `daemon.lock`. */
  lockFd: "_LOCKSTEP_DAEMON_LOCK_FD",
} as const;

/** Below the home directory. */
export const DEFAULT_DIRECTORY = ".lockstep";
