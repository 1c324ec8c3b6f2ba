import { parseArgs } from "node:util";

export interface DaemonArguments {
  dir: string | undefined;
  /** The program that started the daemon, as text. */
  launchedBy: string;
}

/** Parses the command line that `lockstepCommand` builds. Throws on anything else. */
export function parseDaemonArguments(argv: readonly string[]): DaemonArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { daemon: { type: "boolean" }, dir: { type: "string" }, "launched-by": { type: "string" } },
  });
  if (positionals.length !== 1 || positionals[0] !== "serve") {
    throw new Error("this program is the daemon; start it with: lockstep serve --daemon");
  }
  return { dir: values.dir, launchedBy: values["launched-by"] ?? "a shell" };
}
