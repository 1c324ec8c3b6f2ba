import type { CommandSpec, OptionSpec } from "./command-spec.js";

const TIMEOUT = {
  type: "string",
  value: "S",
  summary: "how many seconds running calls get to finish (default 5)",
} as const;
const STOP_FORCE = { type: "boolean", summary: "kill it at once; running calls are cut off" } as const;
const BUDGET_FORCE = {
  type: "boolean",
  summary: "ignore version conflicts and the restart budget",
} as const;

/** Accepted by every command, before or after its name. */
export const GLOBAL_OPTIONS = {
  json: { type: "boolean", summary: "print results as JSON" },
  quiet: { type: "boolean", short: "q", summary: "print no remarks to stderr" },
  dir: { type: "string", value: "DIR", summary: "the state directory, an absolute path (default ~/.lockstep)" },
  help: { type: "boolean", short: "h", summary: "show this help" },
} as const satisfies Record<string, OptionSpec>;

const STOP_OPTIONS = { timeout: TIMEOUT, force: STOP_FORCE } as const;

/**
 * Every command as plain data. The parser, --help, the suggestions for a mistyped name, completion and man page are all
 * generated from this table, so they always agree.
 */
export const COMMANDS = {
  serve: {
    summary: "run the daemon in the foreground or detached",
    usage: ["serve [--daemon]"],
    positionals: [],
    options: { daemon: { type: "boolean", summary: "start it detached and return once it answers" } },
    details:
      "Clients start the daemon automatically; this command is for supervisors and for debugging. In the\n" +
      "foreground it also logs to the terminal and ends with ctrl-c.",
    examples: [
      ["lockstep serve", "in this terminal, until ctrl-c"],
      ["lockstep serve --daemon", "detached; prints its PID and version"],
    ],
  },
  start: {
    summary: "make sure that the daemon runs and matches this installation",
    usage: ["start [--force]"],
    positionals: [],
    options: { force: BUDGET_FORCE },
    details:
      "Starts the daemon if none is running, restarts one of another version, and replaces one that does not\nanswer.",
    examples: [["lockstep start", "does nothing if the daemon runs and is in step"]],
  },
  stop: {
    summary: "stop the daemon after running calls have finished",
    usage: ["stop [--timeout S] [--force]"],
    positionals: [],
    options: STOP_OPTIONS,
    examples: [
      ["lockstep stop", "running calls get 5 s to finish"],
      ["lockstep stop --timeout 60", "running calls get a minute to finish"],
    ],
  },
  "kill-daemon": {
    summary: "same as stop; --stale-only is for package hooks",
    usage: ["kill-daemon [--timeout S] [--force]", "kill-daemon --stale-only"],
    positionals: [],
    options: {
      ...STOP_OPTIONS,
      "stale-only": {
        type: "boolean",
        summary: "only a daemon of this installation that is out of step; always exits with 0, within 5 s",
      },
    },
    examples: [["lockstep kill-daemon --stale-only", "after an upgrade; the next client starts the new version"]],
  },
  restart: {
    summary: "replace the daemon, even if it is in step",
    usage: ["restart [--reason TEXT] [--timeout S] [--force]"],
    positionals: [],
    options: {
      reason: { type: "string", value: "TEXT", summary: "recorded in the log and the ledger of restarts" },
      timeout: TIMEOUT,
      force: BUDGET_FORCE,
    },
    examples: [['lockstep restart --reason "new PATH"', "the log will show the reason"]],
  },
  status: {
    summary: "show the daemon's status; never starts or restarts it",
    usage: ["status [--watch] [--version]"],
    positionals: [],
    options: {
      watch: { type: "boolean", short: "w", summary: "keep the status on screen; q or ctrl-c ends it" },
      version: { type: "boolean", summary: "show only the running and the installed version" },
    },
    details:
      "Exits with 0 if a daemon is running, starting or draining, 1 if none is, 4 if it does not answer.\n" +
      "--watch continues across restarts; when piped, it prints a line for each change.",
    examples: [
      ["lockstep status", "the whole status"],
      ["lockstep status --json | jq .inStep", "for scripts"],
      ["lockstep status --watch", "live"],
    ],
  },
  logs: {
    summary: "show the daemon's log",
    usage: ["logs [-f] [-n N] [--breadcrumbs]"],
    positionals: [],
    options: {
      follow: { type: "boolean", short: "f", summary: "keep printing new lines; ctrl-c ends it" },
      lines: { type: "string", short: "n", value: "N", summary: "how many lines (default 50)" },
      breadcrumbs: {
        type: "boolean",
        short: "b",
        summary: "only why and by whom the daemon was started, stopped or restarted",
      },
    },
    examples: [
      ["lockstep logs -f", "the last 50 lines, then new ones as they come"],
      ["lockstep logs --breadcrumbs -n 10", "what happened to the daemon recently"],
    ],
  },
  servers: {
    summary: "list the hosted servers and their state",
    usage: ["servers"],
    positionals: [],
    options: {},
    examples: [["lockstep servers", "one line each"]],
  },
  tools: {
    summary: "list the tools of one hosted server or of all",
    usage: ["tools [SERVER] [--timeout S]"],
    positionals: [{ name: "SERVER", required: false }],
    options: {
      timeout: { type: "string", value: "S", summary: "how many seconds servers get to list their tools (default 90)" },
    },
    examples: [
      ["lockstep tools", "all tools of all servers"],
      ["lockstep tools memory --json", "with the full schemas"],
    ],
  },
  call: {
    summary: "call a tool of a hosted server",
    usage: ["call SERVER TOOL [key=value … | JSON | -] [--timeout S]"],
    positionals: [
      { name: "SERVER", required: true },
      { name: "TOOL", required: true },
      { name: "ARGUMENT", required: false, rest: true },
    ],
    options: {
      timeout: {
        type: "string",
        value: "S",
        summary: "give up after this many seconds, starts included; cancels the call",
      },
    },
    details:
      "Arguments:\n" +
      "  key=value       typed by the tool's schema; repeat the key for a list; a.b=value sets a nested key\n" +
      "  key:=JSON       the value as JSON, whatever the schema says\n" +
      "  key=@FILE       the contents of a text file; key=@- those of stdin\n" +
      "  {…}             all arguments as one JSON object\n" +
      "  -               that object from stdin\n" +
      "Text is printed to stdout; images, audio and other data are saved to private temporary files, and their\n" +
      "paths printed. If the tool itself reports an error, the exit code is 5. A call that may have been delivered\n" +
      "is never sent twice.",
    examples: [
      ["lockstep call memory read_graph", "no arguments"],
      ["lockstep call memory search_nodes query=coffee", "key=value"],
      ["lockstep call memory open_nodes names=Ada names=Grace", "a list"],
      ['echo \'{"query": "tea"}\' | lockstep call memory search_nodes - --json', "JSON in, JSON out"],
    ],
  },
  bridge: {
    summary: "serve an MCP host, such as an editor, on stdin and stdout",
    usage: ["bridge [SERVER]"],
    positionals: [{ name: "SERVER", required: false }],
    options: {},
    details:
      "This is the command to enter in an MCP host's configuration. It gives the host one hosted server, or all of\n" +
      "them with tools named server__tool, and keeps it connected while the daemon is restarted, stopped or killed.\n" +
      "It ends when the host closes its end.",
    examples: [
      ["lockstep bridge", "all hosted servers"],
      ["lockstep bridge memory", "one of them, as if the host had started it"],
    ],
  },
  add: {
    summary: "add a hosted server to servers.json",
    usage: ["add NAME [--env K=V] [--force] -- COMMAND ARGS…", "add NAME --url URL [--header K=V] [--force]"],
    positionals: [
      { name: "NAME", required: true },
      { name: "COMMAND", required: false, rest: true },
    ],
    options: {
      url: { type: "string", value: "URL", summary: "a remote server (Streamable HTTP)" },
      header: { type: "string", value: "K=V", multiple: true, summary: "a header sent with every request to the URL" },
      env: { type: "string", value: "K=V", multiple: true, summary: "an environment variable for the command" },
      force: { type: "boolean", summary: "replace an existing server of that name" },
    },
    details:
      "${VAR} in a value is replaced from the login environment when the server starts, so that the file need\nnot contain secrets.",
    examples: [
      ["lockstep add files -- npx -y @modelcontextprotocol/server-filesystem ~/notes", "a program"],
      ["lockstep add hub --url https://mcp.example.com/mcp --header 'Authorization=Bearer ${HUB_TOKEN}'", "remote"],
    ],
  },
  remove: {
    summary: "remove a hosted server from servers.json",
    usage: ["remove NAME"],
    positionals: [{ name: "NAME", required: true }],
    options: {},
    details: "Prints the removed entry, so that it can be added again.",
    examples: [["lockstep remove files", "stops its processes; other servers are not affected"]],
  },
  update: {
    summary: "update this installation, or show how to",
    usage: ["update [--check]"],
    positionals: [],
    options: { check: { type: "boolean", summary: "only check for a newer version" } },
    details:
      "The app does the work, in the background if it isn't running: it downloads, verifies and installs the\n" +
      "update, and restarts if it was running. An installation made by a package manager is left alone; the\n" +
      "command that updates it is printed.",
    examples: [
      ["lockstep update", "download and install the newest version"],
      ["lockstep update --check --json", "for scripts"],
    ],
  },
  doctor: {
    summary: "check everything; say what is wrong and how to fix it",
    usage: ["doctor"],
    positionals: [],
    options: {},
    details: "Starts nothing and changes nothing. Exits with 1 if it finds a problem.",
    examples: [["lockstep doctor --json", "for a bug report"]],
  },
  completion: {
    summary: "print a completion script for a shell",
    usage: ["completion bash|zsh|fish"],
    positionals: [{ name: "SHELL", required: true, choices: ["bash", "zsh", "fish"] }],
    options: {},
    examples: [
      ['eval "$(lockstep completion bash)"', "in ~/.bashrc"],
      ['eval "$(lockstep completion zsh)"', "in ~/.zshrc, after compinit"],
      ["lockstep completion fish > ~/.config/fish/completions/lockstep.fish", "once"],
    ],
  },
  help: {
    summary: "show help on lockstep or on one command",
    usage: ["help [COMMAND]"],
    positionals: [{ name: "COMMAND", required: false, choices: "commands" }],
    options: {},
    examples: [["lockstep help call", "same as lockstep call --help"]],
  },
  version: {
    summary: "show the version of this installation",
    usage: ["version"],
    positionals: [],
    options: {},
    examples: [["lockstep version --json", "with build and protocol"]],
  },
} as const satisfies Record<string, CommandSpec>;

export type CommandName = keyof typeof COMMANDS;

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

type ValueOf<O> = O extends { type: "boolean" } ? true : O extends { multiple: true } ? string[] : string;

/** The types of a command's option values, derived from the table. */
export type OptionValues<N extends CommandName> = {
  readonly [K in keyof (typeof COMMANDS)[N]["options"]]?: ValueOf<(typeof COMMANDS)[N]["options"][K]>;
};
