import type { StatePaths } from "../../state/directory.js";
import type { Installed } from "../../version/identity.js";

/** How to start a daemon: what `spawn` needs and nothing else. */
export interface SpawnCommand {
  file: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
}

/** Environment variables that the lifecycle reads or sets for a daemon. */
export interface SpecVariables {
  /** Overrides the version that a daemon gives, in tests; never handed on to a daemon that we spawn. */
  testVersion: string;
  /** Set for the daemon that a restart starts (`prev=X,now=Y,by=pidN`), removed for every other. */
  restartReason: string;
  /** Number of the inherited descriptor that holds `daemon.lock`; undefined when this daemon has no lifetime lock. */
  lockFd: string | undefined;
}

/**
 * All that the lifecycle needs to know of a daemon. Lockstep is one spec; another tool's daemon is another, and gets
 * the same handshake, lock, ladder and breadcrumbs.
 */
export interface DaemonSpec {
  /** For messages: "lockstep". */
  name: string;
  paths: StatePaths;
  /** Reads from disk what is installed now. Throws an Error that says how to mend it. */
  installed(): Installed;
  /** The same of any installation, by its directory; undefined when there is none any more. */
  installedIn?: (root: string) => Installed | undefined;
  /** The command that runs the installed daemon in `paths.dir`; `launcher` says who starts it: `cli (pid 812)`. */
  command(launcher: string): SpawnCommand;
  variables: SpecVariables;
  /** The daemon's key in `capabilities.experimental`. */
  experimentalKey: string;
  /** Does the daemon hold `daemon.lock` for its life? If not, its process is watched instead. */
  lifetimeLock: boolean;
  /** The request that asks it to end; undefined when only SIGTERM does. */
  shutdownMethod: string | undefined;
  /** The notification that tells it of a notice given to the user; undefined where it knows none. */
  noticedMethod: string | undefined;
  /** What the user types to get out of a refusal, such as `lockstep restart`. */
  restartHint: string;
}
