import type { CommandSpec, OptionSpec } from "./command-spec.js";
import { COMMANDS, GLOBAL_OPTIONS } from "./command-table.js";
import { ENVIRONMENT, ERRORS_AS_JSON, EXIT_CODES } from "./help.js";

/** lockstep(1) in man(7)'s macros, made from the table of commands. `date`: 2026-11-23. */
export function manPage({ version, date }: { version: string; date: string }): string {
  const lines = [
    '.\\" Made by the build from the table of commands.',
    `.TH LOCKSTEP 1 "${date}" ${quoted(`Lockstep ${version}`)} "User Commands"`,
    ".SH NAME",
    "lockstep \\- one warm MCP daemon per user, kept in step with what is installed",
    ".SH SYNOPSIS",
    "\\fBlockstep\\fP \\fICOMMAND\\fP [\\fIOPTIONS\\fP]",
    ".SH DESCRIPTION",
    ...DESCRIPTION.flatMap((text, index) => [...(index === 0 ? [] : [".PP"]), ...filled(text)]),
    ".SH COMMANDS",
    ...Object.entries(COMMANDS).flatMap(([name, spec]) => commandLines(name, spec)),
    ".SH OPTIONS",
    "Every command accepts these, before or after its name.",
    ...optionLines(GLOBAL_OPTIONS),
    ".SH EXIT STATUS",
    ...EXIT_CODES.flatMap(([code, text]) => item(bold(code), text)),
    ".PP",
    ...filled(ERRORS_AS_JSON),
    ".SH ENVIRONMENT",
    ...ENVIRONMENT.flatMap(([name, text]) => item(bold(name), text)),
    ".SH FILES",
    "All in the state directory.",
    ...FILES.flatMap(([name, text]) => item(italic(`~/.lockstep/${name}`), text)),
    ".SH EXAMPLES",
    ...Object.values(COMMANDS).flatMap(({ examples }) =>
      examples.flatMap(([command, what]) => item(bold(command), what)),
    ),
    ".SH SEE ALSO",
    ".BR flock (1),",
    ".BR nc (1)",
    ".PP",
    "\\fBlockstep help\\fP \\fICOMMAND\\fP describes one command; MCP is described at <https://modelcontextprotocol.io>.",
  ];
  return `${lines.join("\n")}\n`;
}

const DESCRIPTION = [
  "Editors, agents and scripts that use the same MCP servers usually each start their own copies, again and again. Lockstep runs each server once, in a daemon that they all share.",
  "Every client checks the daemon's version each time it connects. A client that finds a stale daemon, for example after an upgrade, replaces it under a lock: once, however many clients notice at the same moment, and without losing a call. The first client that needs the daemon starts it.",
  "Results go to standard output, everything else to standard error.",
];

const FILES: readonly (readonly [string, string])[] = [
  ["serve.sock", "the socket: MCP, one JSON object a line"],
  ["serve.pid", "the daemon's PID; the file's modification time is the last heartbeat"],
  ["serve.json", "the daemon's identity"],
  ["serve.log", "the log; .1 to .3 are older"],
  ["daemon.lock", "locked with flock(2) for as long as the daemon lives"],
  ["restart.lock", "locked during a start or restart; it contains the ledger of recent ones"],
  ["children.json", "the hosted servers' processes, so that a new daemon can end those left by a crash"],
  ["servers.json", "the configuration of the hosted servers"],
  ["servers.lock", "locked while a command edits servers.json"],
];

function commandLines(name: string, { summary, usage, details, options }: CommandSpec): string[] {
  return [
    `.SS ${quoted(name)}`,
    ...usage.flatMap((text, index) => [...(index === 0 ? [] : [".br"]), bold(`lockstep ${text}`)]),
    ".PP",
    ...filled(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`),
    ...(details === undefined ? [] : [".PP", ...detailLines(details)]),
    ...optionLines(options),
  ];
}

/** Indented lines are tables of the author's own, and keep their breaks; the others are filled. */
function detailLines(details: string): string[] {
  const lines: string[] = [];
  let isTable = false;
  for (const text of details.split("\n")) {
    if (text.startsWith("  ") !== isTable) lines.push(isTable ? ".fi\n.PP" : ".PP\n.nf");
    isTable = text.startsWith("  ");
    lines.push(...(isTable ? [line(aligned(text))] : filled(text)));
  }
  return isTable ? [...lines, ".fi"] : lines;
}

/** Takes back the two columns by which three dots are wider than an ellipsis. */
function aligned(text: string): string {
  return text.replace(/(…\S*) {2}(?= )/, "$1");
}

function optionLines(options: Readonly<Record<string, OptionSpec>>): string[] {
  return Object.entries(options).flatMap(([name, { short, value, summary }]) => {
    const spellings = [...(short === undefined ? [] : [`-${short}`]), `--${name}`];
    return item(`${spellings.map(bold).join(", ")}${value === undefined ? "" : ` ${italic(value)}`}`, summary);
  });
}

function item(head: string, text: string): string[] {
  return [".TP", head, ...filled(text)];
}

function bold(text: string): string {
  return `\\fB${escaped(text)}\\fP`;
}

function italic(text: string): string {
  return `\\fI${escaped(text)}\\fP`;
}

/** An argument of a macro. */
function quoted(text: string): string {
  return `"${escaped(text)}"`;
}

/** Running text, in lines of at most 79 characters if its words allow it, escapes included. */
function filled(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(/ +/)) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (line(longer).length < 80) lines.splice(-1, 1, longer);
    else lines.push(word);
  }
  return lines.map(line);
}

/** A line of text. One that begins with a dot or an apostrophe would be a request. */
function line(text: string): string {
  return /^[.']/.test(text) ? `\\&${escaped(text)}` : escaped(text);
}

/** A hyphen that is to be typed, and the quotes that typography would bend. */
const SPECIAL: Readonly<Record<string, string>> = {
  "\\": "\\e",
  "-": "\\-",
  "'": "\\(aq",
  '"': "\\(dq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
  "…": "...",
};

function escaped(text: string): string {
  return text.replace(/[\\\-'"`^~]|[^\x20-\x7e]/gu, (character) => SPECIAL[character] ?? unicode(character));
}

function unicode(character: string): string {
  return `\\[u${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`;
}
