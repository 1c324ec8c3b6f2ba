import { readCommandLine, type CommandLine } from "./command-line.js";
import type { CommandName } from "./command-table.js";
import { exitCodeOf, OutputClosedError } from "./exit-code.js";
import type { CommandModule } from "./invocation.js";
import { createTerminal } from "./terminal.js";

/** How each command's module is loaded, when it is run. */
export type CommandModules = { readonly [N in CommandName]: () => Promise<CommandModule<N>> };

/** Runs the program to its exit. `modules`: those that this bundle holds; `call` alone in the small one. */
export function runCli(argv: string[], modules: Partial<CommandModules>): void {
  process.on("uncaughtException", fail);
  main(argv, modules).then((code) => process.exit(code), fail);
}

async function main(argv: string[], modules: Partial<CommandModules>): Promise<number> {
  const line = readCommandLine(argv);
  if (!line.global.help) return run(line, modules);
  return run(
    { ...line, command: "help", positionals: line.command === "help" ? [] : [line.command], options: {} },
    modules,
  );
}

async function run<N extends CommandName>(line: CommandLine<N>, modules: Partial<CommandModules>): Promise<number> {
  const { command, global, ...words } = line;
  const terminal = createTerminal({ quiet: global.quiet, env: process.env });
  const load = modules[command];
  if (!load) throw new Error(`the command "${command}" is missing from this program: reinstall`);
  const { run: runCommand } = await load();
  return runCommand({ ...words, json: global.json, dir: global.dir, terminal });
}

/** One line that says what to do; the stack only for those who trace. */
function fail(error: unknown): never {
  if (!(error instanceof OutputClosedError)) {
    const text = error instanceof Error && process.env["LOCKSTEP_TRACE"] ? error.stack : undefined;
    const message = error instanceof Error ? error.message : String(error);
    createTerminal({ quiet: false, env: process.env }).insist(text ?? `lockstep: ${message}`);
  }
  process.exit(exitCodeOf(error));
}
