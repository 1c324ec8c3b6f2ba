import { parseArgs } from "node:util";

export interface DaemonArguments {
  dir: string | undefined;
  /** Who started it, in words. */
  launchedBy: string;
}

/** Reads the command line that `lockstepCommand` builds. Throws on anything else. */
export function parseDaemonArguments(argv: readonly string[]): DaemonArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { daemon: { type: "boolean" }, dir: { type: "string" }, "launched-by": { type: "string" } },
  });
  if (positionals.length !== 1 || positionals[0] !== "serve") {
    throw new Error("this is the daemon's own program; run it with: lockstep serve --daemon");
  }
  return { dir: values.dir, launchedBy: values["launched-by"] ?? "a shell" };
}
