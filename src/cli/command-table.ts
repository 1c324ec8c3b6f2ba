/**
 * Every command as plain data. The parser, --help, the hints for a mistyped name and the shells' completion are all
 * made from this one table, so none of them can know a command or an option that the others do not.
 */

export interface OptionSpec {
  readonly type: "boolean" | "string";
  readonly short?: string;
  /** May be given several times. */
  readonly multiple?: true;
  /** What stands for its value in help texts. */
  readonly value?: string;
  readonly summary: string;
}

export interface PositionalSpec {
  readonly name: string;
  readonly required: boolean;
  /** It and all that follow. */
  readonly rest?: true;
  /** The only words that make sense here; "commands": the names in this table. */
  readonly choices?: readonly string[] | "commands";
}

export interface CommandSpec {
  readonly summary: string;
  /** Each without the program's name. */
  readonly usage: readonly string[];
  readonly positionals: readonly PositionalSpec[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly details?: string;
  readonly examples: readonly (readonly [command: string, what: string])[];
}

const TIMEOUT = {
  type: "string",
  value: "S",
  summary: "seconds that running calls may take to end (default 5)",
} as const;
const STOP_FORCE = { type: "boolean", summary: "end it at once; running calls are cut off" } as const;
const BUDGET_FORCE = {
  type: "boolean",
  summary: "also where versions or the restart budget would forbid it",
} as const;

/** Understood by every command, before or behind its name. */
export const GLOBAL_OPTIONS = {
  json: { type: "boolean", summary: "results as JSON" },
  quiet: { type: "boolean", short: "q", summary: "no remarks on stderr" },
  dir: { type: "string", value: "DIR", summary: "the state directory, an absolute path (default ~/.lockstep)" },
  help: { type: "boolean", short: "h", summary: "this help" },
} as const satisfies Record<string, OptionSpec>;

const STOP_OPTIONS = { timeout: TIMEOUT, force: STOP_FORCE } as const;

export const COMMANDS = {
  serve: {
    summary: "run the daemon in the foreground, or as the detached one",
    usage: ["serve [--daemon]"],
    positionals: [],
    options: { daemon: { type: "boolean", summary: "start it detached and return when it answers" } },
    details:
      "Clients start the daemon by themselves; this is for supervisors and for looking at one. In the foreground it\n" +
      "logs to the terminal too and ends with ctrl-c.",
    examples: [
      ["lockstep serve", "in this terminal, until ctrl-c"],
      ["lockstep serve --daemon", "detached; says its PID and version"],
    ],
  },
  start: {
    summary: "make sure that a daemon in step with this installation runs",
    usage: ["start [--force]"],
    positionals: [],
    options: { force: BUDGET_FORCE },
    details: "Starts it when none runs, restarts it when another version does, replaces it when it does not answer.",
    examples: [["lockstep start", "start it, or make sure of it"]],
  },
  stop: {
    summary: "stop the daemon, with time for running calls",
    usage: ["stop [--timeout S] [--force]"],
    positionals: [],
    options: STOP_OPTIONS,
    examples: [
      ["lockstep stop", "running calls get 5 s"],
      ["lockstep stop --timeout 60", "running calls get a minute"],
    ],
  },
  "kill-daemon": {
    summary: "the same as stop; --stale-only is for package hooks",
    usage: ["kill-daemon [--timeout S] [--force]", "kill-daemon --stale-only"],
    positionals: [],
    options: {
      ...STOP_OPTIONS,
      "stale-only": {
        type: "boolean",
        summary: "only this installation's, if out of step; exits 0 within 5 s in any case",
      },
    },
    examples: [["lockstep kill-daemon --stale-only", "after an upgrade: the next client starts the new one"]],
  },
  restart: {
    summary: "replace the daemon, also when nothing drifted",
    usage: ["restart [--reason TEXT] [--timeout S] [--force]"],
    positionals: [],
    options: {
      reason: { type: "string", value: "TEXT", summary: "for the log and the ledger of restarts" },
      timeout: TIMEOUT,
      force: BUDGET_FORCE,
    },
    examples: [['lockstep restart --reason "new PATH"', "the log will tell why"]],
  },
  status: {
    summary: "look at the daemon; never starts or restarts it",
    usage: ["status [--watch] [--version]"],
    positionals: [],
    options: {
      watch: { type: "boolean", short: "w", summary: "go on looking; q or ctrl-c ends it" },
      version: { type: "boolean", summary: "only the versions, running and installed" },
    },
    details:
      "Exits with 0 when a daemon runs, starts or drains, 1 when there is none, 4 when it does not answer.\n" +
      "With --watch it lives through restarts; into a pipe it writes a line for each change.",
    examples: [
      ["lockstep status", "at a glance"],
      ["lockstep status --json | jq .inStep", "for scripts"],
      ["lockstep status --watch", "live"],
    ],
  },
  logs: {
    summary: "show the daemon's log",
    usage: ["logs [-f] [-n N] [--breadcrumbs]"],
    positionals: [],
    options: {
      follow: { type: "boolean", short: "f", summary: "go on with what is added; ctrl-c ends it" },
      lines: { type: "string", short: "n", value: "N", summary: "how many lines (default 50)" },
      breadcrumbs: {
        type: "boolean",
        short: "b",
        summary: "only why and by whom the daemon was started, stopped, restarted",
      },
    },
    examples: [
      ["lockstep logs -f", "the last 50 lines and all new ones"],
      ["lockstep logs --breadcrumbs -n 10", "what happened to the daemon lately"],
    ],
  },
  servers: {
    summary: "list the hosted servers and how they are",
    usage: ["servers"],
    positionals: [],
    options: {},
    examples: [["lockstep servers", "one line each"]],
  },
  tools: {
    summary: "list the tools of one hosted server, or of all",
    usage: ["tools [SERVER]"],
    positionals: [{ name: "SERVER", required: false }],
    options: {},
    examples: [
      ["lockstep tools", "everything that can be called"],
      ["lockstep tools memory --json", "with the whole schemas"],
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
    options: { timeout: { type: "string", value: "S", summary: "cancel the call after so many seconds" } },
    details:
      "Arguments:\n" +
      "  key=value       typed as the tool's schema says; a list by giving the key again; a.b=value inside an object\n" +
      "  key:=JSON       the value as JSON, whatever the schema says\n" +
      "  key=@FILE       the text of a file\n" +
      "  {…}             all arguments as one JSON object\n" +
      "  -               that object from stdin\n" +
      "Texts go to stdout; images, sounds and other files are written to private temporary files, and their paths\n" +
      "printed. A tool's own error exits with 5. What may have been delivered is never sent twice.",
    examples: [
      ["lockstep call memory read_graph", "no arguments"],
      ["lockstep call memory search_nodes query=coffee", "key=value"],
      ["lockstep call memory open_nodes names=Ada names=Grace", "a list"],
      ['echo \'{"query": "tea"}\' | lockstep call memory search_nodes - --json', "JSON in, JSON out"],
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
      header: { type: "string", value: "K=V", multiple: true, summary: "sent with every request to the URL" },
      env: { type: "string", value: "K=V", multiple: true, summary: "a variable for the command" },
      force: { type: "boolean", summary: "replace a server of that name" },
    },
    details:
      "${VAR} in a value is taken from the login environment each time the server starts, so no secret need\nstand in the file.",
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
    details: "Prints the removed entry, so that it can be put back.",
    examples: [["lockstep remove files", "its processes end, the others go on"]],
  },
  update: {
    summary: "bring this installation up to date, or say how that is done",
    usage: ["update [--check]"],
    positionals: [],
    options: { check: { type: "boolean", summary: "only look whether there is a newer version" } },
    details:
      "The app does it, hidden if it does not run: it downloads, verifies and installs, and starts again if it ran.\n" +
      "What a package manager installed it leaves alone, and says which command updates it.",
    examples: [
      ["lockstep update", "download and install the newest version"],
      ["lockstep update --check --json", "for scripts"],
    ],
  },
  doctor: {
    summary: "check everything; say what is wrong and how to mend it",
    usage: ["doctor"],
    positionals: [],
    options: {},
    details: "Starts nothing and changes nothing. Exits with 1 when it found a problem.",
    examples: [["lockstep doctor --json", "to go with a bug report"]],
  },
  completion: {
    summary: "print a completion script for a shell",
    usage: ["completion bash|zsh|fish"],
    positionals: [{ name: "SHELL", required: true, choices: ["bash", "zsh", "fish"] }],
    options: {},
    examples: [
      ['eval "$(lockstep completion bash)"', "in ~/.bashrc"],
      ['eval "$(lockstep completion zsh)"', "in ~/.zshrc, behind compinit"],
      ["lockstep completion fish > ~/.config/fish/completions/lockstep.fish", "once"],
    ],
  },
  help: {
    summary: "help on lockstep, or on one command",
    usage: ["help [COMMAND]"],
    positionals: [{ name: "COMMAND", required: false, choices: "commands" }],
    options: {},
    examples: [["lockstep help call", "the same as lockstep call --help"]],
  },
  version: {
    summary: "the version of this installation",
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

/** The values that a command's options can have, read off the table. */
export type OptionValues<N extends CommandName> = {
  readonly [K in keyof (typeof COMMANDS)[N]["options"]]?: ValueOf<(typeof COMMANDS)[N]["options"][K]>;
};
