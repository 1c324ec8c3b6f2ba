import type { Environment } from "../expand.js";
import type { Lifecycle } from "../server-config.js";

/** The servers that come with Lockstep, by the name that `{"lockstep": {"builtin": "memory"}}` uses. */
export type Builtins = Readonly<Record<string, Builtin>>;

export interface Builtin extends Pick<Lifecycle, "concurrency"> {
  command: string;
  args: string[];
  env: Record<string, string>;
}

/** What the entries of `servers.json` refer to outside the file. */
export interface EntryContext {
  /** The values of `${VAR}`. */
  env: Environment;
  /** What a leading `~/` stands for; undefined if the user has no home directory. */
  home: string | undefined;
  builtins: Builtins;
  /** Where a relative `envFile` starts: the directory of `servers.json`. */
  directory: string;
  /** The text of an `envFile`, by absolute path. Throws as `readFileSync` does. */
  readEnvFile: (path: string) => string;
}
