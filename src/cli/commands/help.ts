import { COMMANDS, isCommandName } from "../command-table.js";
import { EXIT, UsageError } from "../exit-code.js";
import { commandHelp, mainHelp } from "../help.js";
import type { Invocation } from "../invocation.js";
import { didYouMean } from "../../text/suggest.js";

export async function run({ positionals, terminal }: Invocation<"help">): Promise<number> {
  const [name] = positionals;
  if (name === undefined) terminal.print(mainHelp());
  else if (isCommandName(name)) terminal.print(commandHelp(name));
  else {
    const hint = didYouMean(name, Object.keys(COMMANDS), "see: lockstep --help");
    throw new UsageError(`unknown command "${name}"; ${hint}`);
  }
  return EXIT.done;
}
