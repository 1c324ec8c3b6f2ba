import { parseArgs } from "node:util";

import type { CommandSpec, OptionSpec } from "./command-spec.js";
import { COMMANDS, GLOBAL_OPTIONS, isCommandName, type CommandName, type OptionValues } from "./command-table.js";
import { UsageError } from "./exit-code.js";
import { didYouMean } from "../text/suggest.js";

/** A command line as the table understands it. */
export interface CommandLine<N extends CommandName = CommandName> {
  command: N;
  options: OptionValues<N>;
  positionals: string[];
  behindDashes: string[];
  global: { json: boolean; quiet: boolean; dir: string | undefined; help: boolean };
}

/** Parses the arguments after the program's name. Throws UsageError. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const { command, rest } = findCommand(argv);
  const spec: CommandSpec = COMMANDS[command];
  const { values, positionals, tokens } = parse(command, spec, rest);
  const { json, quiet, dir, help, ...options } = values;
  // parseArgs typed the values by the same table that OptionValues is derived from.
  const line: CommandLine = {
    command,
    options,
    positionals: [],
    behindDashes: [],
    global: { json: json === true, quiet: quiet === true, dir: dir as string | undefined, help: help === true },
  };
  const dashes = tokens.find((token) => token.kind === "option-terminator")?.index ?? Infinity;
  for (const token of tokens) {
    if (token.kind !== "positional") continue;
    (token.index > dashes ? line.behindDashes : line.positionals).push(token.value);
  }
  if (!line.global.help) checkCount(command, spec, positionals);
  return line;
}

/** Global options may come before the command. Without a command, help is shown. */
function findCommand(argv: readonly string[]): { command: CommandName; rest: string[] } {
  const before: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? "";
    if (word === "--version" || word === "-V") return { command: "version", rest: [...before, ...argv.slice(at + 1)] };
    if (!word.startsWith("-") || word === "-" || word === "--") {
      if (isCommandName(word)) return { command: word, rest: [...before, ...argv.slice(at + 1)] };
      const hint = didYouMean(word, Object.keys(COMMANDS), "see: lockstep --help");
      throw new UsageError(`unknown command "${word}"; ${hint}`);
    }
    before.push(word);
    // VALUE of `--dir VALUE` is not the command.
    if (word === "--dir") before.push(...argv.slice(++at, at + 1));
  }
  return { command: "help", rest: before };
}

function parse(command: CommandName, spec: CommandSpec, args: string[]) {
  const options: Record<string, OptionSpec> = { ...spec.options, ...GLOBAL_OPTIONS };
  try {
    return parseArgs({ args, options, allowPositionals: true, tokens: true });
  } catch (error) {
    throw inWords(command, options, error as Error & { code?: string });
  }
}

function inWords(command: CommandName, options: Record<string, OptionSpec>, error: Error & { code?: string }): Error {
  const option = /'(?:-\w, )?(-[^' ]*)/.exec(error.message)?.[1] ?? "";
  const see = `see: lockstep ${command} --help`;
  switch (error.code) {
    case "ERR_PARSE_ARGS_UNKNOWN_OPTION": {
      const known = Object.keys(options).map((name) => `--${name}`);
      return new UsageError(`"${command}" has no option ${option}; ${didYouMean(option, known, see)}`);
    }
    case "ERR_PARSE_ARGS_INVALID_OPTION_VALUE": {
      const takesNone = error.message.includes("does not take an argument");
      return new UsageError(`the option ${option} ${takesNone ? "takes no value" : "needs a value"}; ${see}`);
    }
    default:
      return error;
  }
}

function checkCount(command: CommandName, { positionals, usage }: CommandSpec, given: readonly string[]): void {
  const missing = positionals.slice(given.length).filter(({ required }) => required);
  const how = usage.map((line) => `lockstep ${line}`).join(", or: ");
  if (missing.length > 0) {
    throw new UsageError(`"${command}" needs ${missing.map(({ name }) => name).join(" and ")}: ${how}`);
  }
  if (given.length > positionals.length && !positionals.at(-1)?.rest) {
    throw new UsageError(`"${command}" does not accept "${given[positionals.length]}": ${how}`);
  }
}
