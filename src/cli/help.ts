import type { CommandSpec, OptionSpec } from "./command-spec.js";
import { COMMANDS, GLOBAL_OPTIONS, type CommandName } from "./command-table.js";
import { textTable } from "./terminal/text-table.js";

/** `lockstep --help`. */
export function mainHelp(): string {
  return [
    "Lockstep: one warm MCP daemon per user, kept in step with what is installed.",
    "",
    "usage: lockstep COMMAND [OPTIONS]",
    "",
    "Commands",
    ...textTable(
      Object.entries(COMMANDS).map(([name, { summary }]) => [{ text: name }, { text: summary }]),
      "  ",
    ),
    "",
    "Global options",
    ...optionLines(GLOBAL_OPTIONS),
    "",
    "Environment",
    ...pairLines(ENVIRONMENT),
    "",
    "Exit codes",
    ...pairLines(EXIT_CODES),
    "",
    ...wrapped(ERRORS_AS_JSON),
    "",
    "For details and examples: lockstep COMMAND --help",
  ].join("\n");
}

/** `lockstep COMMAND --help`. */
export function commandHelp(name: CommandName): string {
  const { summary, usage, options, details, examples }: CommandSpec = COMMANDS[name];
  const own = Object.keys(options).length > 0 ? ["", "Options", ...optionLines(options)] : [];
  return [
    `lockstep ${name}: ${summary}`,
    "",
    ...usage.map((line, index) => `${index === 0 ? "usage:" : "   or:"} lockstep ${line}`),
    ...(details === undefined ? [] : ["", details]),
    ...own,
    "",
    "Global options",
    ...optionLines(GLOBAL_OPTIONS),
    "",
    examples.length === 1 ? "Example" : "Examples",
    ...examples.flatMap(([command, what]) => [`  ${command}`, `      ${what}`]),
  ].join("\n");
}

/** The variables that users can set. */
export const ENVIRONMENT: readonly (readonly [string, string])[] = [
  ["LOCKSTEP_DIR", "the state directory, an absolute path (default ~/.lockstep)"],
  ["LOCKSTEP_TRACE", "trace the wire: 1 for stderr, or the path of a file; errors print their stack"],
  ["NO_COLOR", "no colours, even on a terminal"],
];

export const EXIT_CODES: readonly (readonly [string, string])[] = [
  ["0", "done"],
  ["1", "failed; for status: no daemon"],
  ["2", "wrong usage"],
  ["3", "refused because of versions or the restart budget"],
  ["4", "the daemon is unresponsive, or stalled in a call"],
  ["5", "the tool itself reported an error"],
  ["130", "interrupted by ctrl-c"],
];

export const ERRORS_AS_JSON =
  'With --json an error is an object on stdout, too: {"error": {"message", "exitCode", "code"}}, where code is that of ' +
  "the JSON-RPC error, or null. A failed call adds whether the request was delivered (true or false), and " +
  '"outcome": "unknown" if it may have taken effect.';

const COLUMNS = 100;

function wrapped(text: string): string[] {
  return text.match(new RegExp(`\\S.{0,${COLUMNS - 1}}(?= |$)`, "g")) ?? [];
}

function optionLines(options: Readonly<Record<string, OptionSpec>>): string[] {
  return pairLines(
    Object.entries(options).map(([name, { short, value, summary }]) => [
      `${short === undefined ? "    " : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`,
      summary,
    ]),
  );
}

function pairLines(pairs: readonly (readonly [string, string])[]): string[] {
  return textTable(
    pairs.map(([name, text]) => [{ text: name }, { text }]),
    "  ",
  );
}
