import type { CommandSpec, OptionSpec } from "./command-spec.js";
import { COMMANDS, GLOBAL_OPTIONS } from "./command-table.js";

/** A completion script for each shell that we know, made from the table. Pure. */
export const COMPLETIONS: Readonly<Record<string, () => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

const TABLE: [name: string, spec: CommandSpec][] = Object.entries(COMMANDS);
const GLOBALS: [name: string, spec: OptionSpec][] = Object.entries(GLOBAL_OPTIONS);

function bashCompletion(): string {
  const cases = TABLE.map(([name, spec]) => {
    const words = [...optionWords(Object.entries(spec.options)), ...choiceWords(spec)];
    return `    ${name}) words="${words.join(" ")}" ;;`;
  });
  return `# Completion of lockstep for bash.
_lockstep() {
  local word=\${COMP_WORDS[COMP_CWORD]} command= words i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      --dir) ((i++)) ;;
      --) COMPREPLY=(); return ;;
      -*) ;;
      *) command=\${command:-\${COMP_WORDS[i]}} ;;
    esac
  done
  COMPREPLY=()
  case \${COMP_WORDS[COMP_CWORD - 1]} in
    --dir) COMPREPLY=($(compgen -d -- "$word")); return ;;
    ${valueWords().join(" | ")}) return ;;
  esac
  case $command in
    "") words="${TABLE.map(([name]) => name).join(" ")}" ;;
${cases.join("\n")}
    *) return ;;
  esac
  COMPREPLY=($(compgen -W "$words ${optionWords(GLOBALS).join(" ")}" -- "$word"))
}
complete -o default -F _lockstep lockstep`;
}

function zshCompletion(): string {
  const names = TABLE.map(([name, { summary }]) => `    ${quoted(`${name}:${summary}`)}`);
  const globals = GLOBALS.flatMap(([name, option]) => zshOption(name, option));
  const cases = TABLE.map(([name, spec]) => {
    const options = Object.entries(spec.options).flatMap(([option, facts]) => zshOption(option, facts));
    const places = spec.positionals.map(({ name: place, rest, choices }, index) => {
      const words = choices === "commands" ? TABLE.map(([command]) => command) : choices;
      return quoted(`${rest ? "*" : index + 1}:${place}:${words ? `(${words.join(" ")})` : "_files"}`);
    });
    return `        ${name}) _arguments $globals ${[...options, ...places].join(" ")} ;;`;
  });
  return `#compdef lockstep
# Completion of lockstep for zsh.
_lockstep() {
  local curcontext=$curcontext state line
  local -a commands globals
  commands=(
${names.join("\n")}
  )
  globals=(${globals.join(" ")})
  _arguments -C $globals '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe -t commands command commands ;;
    argument)
      case $words[1] in
${cases.join("\n")}
      esac ;;
  esac
}
if [ "$funcstack[1]" = _lockstep ]; then _lockstep "$@"; else compdef _lockstep lockstep; fi`;
}

function fishCompletion(): string {
  const lines = ["# Completion of lockstep for fish.", "complete -c lockstep -f"];
  for (const [name, option] of GLOBALS) lines.push(`complete -c lockstep ${fishOption(name, option)}`);
  for (const [name, spec] of TABLE) {
    lines.push(`complete -c lockstep -n __fish_use_subcommand -a ${name} -d ${quoted(spec.summary)}`);
    const seen = quoted(`__fish_seen_subcommand_from ${name}`);
    for (const [option, facts] of Object.entries(spec.options)) {
      lines.push(`complete -c lockstep -n ${seen} ${fishOption(option, facts)}`);
    }
    const words = choiceWords(spec);
    if (words.length > 0) lines.push(`complete -c lockstep -n ${seen} -a ${quoted(words.join(" "))}`);
  }
  return lines.join("\n");
}

function optionWords(options: [name: string, spec: OptionSpec][]): string[] {
  return options.flatMap(([name, { short }]) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]);
}

function choiceWords({ positionals }: CommandSpec): string[] {
  return positionals.flatMap(({ choices }) => (choices === "commands" ? TABLE.map(([name]) => name) : (choices ?? [])));
}

/** The options that take a value which cannot be completed. */
function valueWords(): string[] {
  const withValue = TABLE.flatMap(([, { options }]) => Object.entries(options)).filter(
    ([, { type }]) => type === "string",
  );
  return [...new Set(optionWords(withValue))];
}

function zshOption(name: string, { short, type, value, multiple, summary }: OptionSpec): string[] {
  const text = `[${summary.replace(/[[\]\\:]/g, "\\$&")}]`;
  const argument = type === "boolean" ? "" : `:${value ?? ""}:${name === "dir" ? "_directories" : ""}`;
  const spellings = short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
  // One spelling rules out the other, unless the option may come again.
  const others = multiple ? "*" : `(${spellings.join(" ")})`;
  return spellings.map((flag) => {
    const attached = type === "boolean" ? "" : flag.startsWith("--") ? "=" : "+";
    return quoted(`${others}${flag}${attached}${text}${argument}`);
  });
}

function fishOption(name: string, { short, type, summary }: OptionSpec): string {
  const value = type === "boolean" ? "" : name === "dir" ? " -r -a '(__fish_complete_directories)'" : " -x";
  return `${short === undefined ? "" : `-s ${short} `}-l ${name}${value} -d ${quoted(summary)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`;
}
