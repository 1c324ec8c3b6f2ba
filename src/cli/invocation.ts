import type { DaemonSpec } from "../client/spec/daemon-spec.js";
import { lockstepSpec } from "../client/spec/lockstep-spec.js";
import type { CommandName, OptionValues } from "./command-table.js";
import type { Terminal } from "./terminal/terminal.js";

/** One parsed command line. */
export interface Invocation<N extends CommandName> {
  readonly options: OptionValues<N>;
  readonly positionals: readonly string[];
  /** The words after `--`. */
  readonly behindDashes: readonly string[];
  readonly json: boolean;
  /** The value of --dir. */
  readonly dir: string | undefined;
  readonly terminal: Terminal;
}

/** A command's module: runs it and resolves with the exit code. */
export interface CommandModule<N extends CommandName> {
  readonly run: (invocation: Invocation<N>) => Promise<number>;
}

/** The daemon that this command line is about. */
export function specOf(invocation: { readonly dir: string | undefined }): DaemonSpec {
  return lockstepSpec(undefined, invocation.dir);
}
