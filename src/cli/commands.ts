import { readCommandLine, type CommandLine } from "./command-line.js";
import type { CommandName } from "./command-table.js";
import type { CommandModule } from "./invocation.js";
import { errorReport } from "./terminal/error-report.js";
import { endOnInterrupt } from "./terminal/interrupt.js";
import { fail } from "./terminal/program-end.js";
import { createTerminal } from "./terminal/terminal.js";
import type { PlainCall } from "./call/plain-call.js";
import type { SentOutcome } from "./call/warm-call.js";

/** Each command is loaded when it runs, so that `status` does not pay for `doctor`. */
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
  bridge: () => import("./commands/bridge.js"),
  add: () => import("./commands/add.js"),
  remove: () => import("./commands/remove.js"),
  update: () => import("./commands/update.js"),
  doctor: () => import("./commands/doctor.js"),
  completion: () => import("./commands/completion.js"),
  help: () => import("./commands/help.js"),
  version: () => import("./commands/version.js"),
};

/** Commands that ctrl-c ends in their own way, or only once they have read stdin. */
const HEEDS_SIGINT = new Set<CommandName>(["serve", "status", "logs", "call", "bridge", "update"]);

/**
 * Runs any command line and resolves with the exit code. This module is a bundle of its own with its own copies of the
 * error classes, so errors are reported here: `instanceof` does not work in the bundle that loads it.
 */
export function runCommandLine(argv: readonly string[]): Promise<number> {
  return reportingErrors(wantsJson(argv), async () => {
    const line = readCommandLine(argv);
    if (!line.global.help) return run(line);
    return run({ ...line, command: "help", positionals: line.command === "help" ? [] : [line.command], options: {} });
  });
}

/** Ends the program with an error of the bundle that loads this one. */
export function reportError(error: unknown, argv: readonly string[]): never {
  return fail(error, wantsJson(argv) ? errorReport : undefined);
}

/** Takes over a call that the warm path has sent and that needs more than printing its answer. */
export function finishCall(call: PlainCall, outcome: SentOutcome): Promise<number> {
  return reportingErrors(call.json, async () => {
    const { finishSentCall } = await import("./commands/call.js");
    return finishSentCall(call, outcome);
  });
}

async function run<N extends CommandName>(line: CommandLine<N>): Promise<number> {
  const { command, global, ...words } = line;
  const terminal = createTerminal({ quiet: global.quiet, env: process.env });
  if (!HEEDS_SIGINT.has(command)) endOnInterrupt((error) => fail(error, global.json ? errorReport : undefined));
  const { run: runCommand } = await MODULES[command]();
  return runCommand({ ...words, json: global.json, dir: global.dir, terminal });
}

async function reportingErrors(json: boolean, act: () => Promise<number>): Promise<number> {
  const failed = (error: unknown): never => fail(error, json ? errorReport : undefined);
  process.removeAllListeners("uncaughtException").on("uncaughtException", failed);
  try {
    return await act();
  } catch (error) {
    return failed(error);
  }
}

/** Errors in the words of the command line are printed as JSON too, so this does not depend on the parser. */
function wantsJson(argv: readonly string[]): boolean {
  const dashes = argv.indexOf("--");
  return argv.slice(0, dashes === -1 ? undefined : dashes).includes("--json");
}
