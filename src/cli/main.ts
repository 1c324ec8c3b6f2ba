#!/usr/bin/env node
import { readCommandLine, type CommandLine } from "./command-line.js";
import type { CommandName } from "./command-table.js";
import { exitCodeOf, OutputClosedError } from "./exit-code.js";
import type { CommandModule } from "./invocation.js";
import { createTerminal } from "./terminal.js";

/** Each command is loaded when it is run: a call shall not pay for the doctor. */
const MODULES: { readonly [N in CommandName]: () => Promise<CommandModule<N>> } = {
  serve: () => import("./commands/serve.js"),
  start: () => import("./commands/start.js"),
  stop: () => import("./commands/stop.js"),
  "kill-daemon": () => import("./commands/kill-daemon.js"),
  restart: () => import("./commands/restart.js"),
  status: () => import("./commands/status.js"),
  logs: () => import("./commands/logs.js"),
  servers: () => import("./commands/servers.js"),
  tools: () => import("./commands/tools.js"),
  call: () => import("./commands/call.js"),
  add: () => import("./commands/add.js"),
  remove: () => import("./commands/remove.js"),
  doctor: () => import("./commands/doctor.js"),
  completion: () => import("./commands/completion.js"),
  help: () => import("./commands/help.js"),
  version: () => import("./commands/version.js"),
};

process.on("uncaughtException", fail);
main(process.argv.slice(2)).then((code) => process.exit(code), fail);

async function main(argv: string[]): Promise<number> {
  const line = readCommandLine(argv);
  if (!line.global.help) return run(line);
  return run({ ...line, command: "help", positionals: line.command === "help" ? [] : [line.command], options: {} });
}

async function run<N extends CommandName>(line: CommandLine<N>): Promise<number> {
  const { command, global, ...words } = line;
  const terminal = createTerminal({ quiet: global.quiet, env: process.env });
  const { run: runCommand } = await MODULES[command]();
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
